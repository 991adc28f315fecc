//! A file that a process found, and its step would not.

use std::fmt;

use serde::Serialize;

/// A file that a step would not find.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Missing {
    /// The step.
    pub step: String,
    /// Its package's name.
    pub package: String,
    /// The file, counted from the workspace root.
    pub path: String,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// What was done with it.
    pub how: How,
    /// By whom.
    pub by: By,
}

/// What a process did with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Its content was read.
    Read,
    /// It was found in a directory.
    Listed,
    /// It was asked whether it is there, or of what kind it is.
    Asked,
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// The compiler, by its own word.
    Rustc,
    /// A macro in it.
    Macro,
    /// The build script, or what that started.
    Script,
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Listed => "found in its directory",
            Self::Asked => "asked for",
        })
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rustc => "rustc",
            Self::Macro => "a macro",
            Self::Script => "the build script",
        })
    }
}
