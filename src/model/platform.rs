//! Where a step's output runs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A target triple as rustc spells it, such as `aarch64-unknown-linux-gnu`.
///
/// Custom target specifications (`*.json`) are refused at parsing: their meaning lies in a file
/// that a plan would have to carry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Triple(String);

/// Why a text is no [`Triple`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TripleError {
    /// The text names a JSON target specification.
    #[error("`{0}` is a custom target specification; only rustc's built-in targets can be planned")]
    Specification(String),
    /// The text has characters that no triple has.
    #[error("`{0}` is not a target triple (letters, digits, `-`, `_` and `.`, at least one `-`)")]
    Malformed(String),
}

impl Triple {
    /// Parses `text`.
    ///
    /// # Errors
    /// [`TripleError`] for a JSON specification or a text that no triple of rustc's looks like.
    pub fn new(text: impl Into<String>) -> Result<Self, TripleError> {
        let text = text.into();
        if text.ends_with(".json") {
            return Err(TripleError::Specification(text));
        }
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.contains('-') && text.chars().all(legal) && !text.starts_with('-') {
            Ok(Self(text))
        } else {
            Err(TripleError::Malformed(text))
        }
    }

    /// The triple that is meant on a machine of `host`: Cargo's `host-tuple` is the machine's own.
    #[must_use]
    pub fn on(self, host: &Self) -> Self {
        if self.0 == "host-tuple" { host.clone() } else { self }
    }

    /// The triple as rustc spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The triple as Cargo's environment variables spell it: `AARCH64_UNKNOWN_LINUX_GNU`.
    #[must_use]
    pub fn env_upper(&self) -> String {
        self.env_lower().to_uppercase()
    }

    /// The triple as the variables of the crates cc and pkg-config spell it, `CC_aarch64_unknown_linux_gnu`.
    #[must_use]
    pub fn env_lower(&self) -> String {
        self.0.replace(['-', '.'], "_")
    }
}

impl TryFrom<String> for Triple {
    type Error = TripleError;
    fn try_from(text: String) -> Result<Self, TripleError> {
        Self::new(text)
    }
}

impl From<Triple> for String {
    fn from(triple: Triple) -> Self {
        triple.0
    }
}

impl fmt::Display for Triple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a step's output runs: on the build machine, or on a target.
///
/// A plan always names its targets explicitly, natively too; so `platform: null` in Cargo's unit
/// graph means the build machine, and host steps are the same for every target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// The build machine: build scripts, proc macros and what they depend on.
    Host,
    /// A target.
    Target(Triple),
}

impl Platform {
    /// The name of the platform's group of steps in a plan: `host`, or the triple.
    #[must_use]
    pub fn group(&self) -> &str {
        match self {
            Self::Host => "host",
            Self::Target(triple) => triple.as_str(),
        }
    }

    /// Whether this is the build machine.
    #[must_use]
    pub fn is_host(&self) -> bool {
        matches!(self, Self::Host)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.group())
    }
}
