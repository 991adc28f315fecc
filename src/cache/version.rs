//! Which sccache will do.

use std::fmt;

/// The first version with both a daemon that only stores and a chain of storages: 0.17.
pub const OLDEST: Version = Version { major: 0, minor: 17, patch: 0 };

/// A version of sccache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u64,
    minor: u64,
    patch: u64,
}

impl Version {
    /// Reads what `sccache --version` prints: `sccache 0.19.0`, perhaps with a suffix.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let rest = line.trim().strip_prefix("sccache ")?;
        let number = rest.split([' ', '-', '+']).next()?;
        let mut parts = number.split('.').map(|part| part.parse().ok());
        let version = Self { major: parts.next()??, minor: parts.next()??, patch: parts.next()?? };
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}
