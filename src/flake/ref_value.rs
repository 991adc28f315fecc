//! Values of a flake reference's attributes.

use std::fmt;

use serde::Serialize;

/// One attribute of a reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum RefValue {
    /// A string.
    Text(String),
    /// An integer, such as `lastModified`.
    Number(i64),
    /// A boolean, such as `submodules`.
    Flag(bool),
}

impl fmt::Display for RefValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => number.fmt(f),
            Self::Flag(flag) => f.write_str(if *flag { "1" } else { "0" }),
        }
    }
}
