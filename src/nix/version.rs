//! The version of the `nix` program.

use std::fmt;

/// Major and minor number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NixVersion {
    major: u32,
    minor: u32,
}

impl NixVersion {
    /// The oldest one that plans are tried with.
    pub const OLDEST: Self = Self { major: 2, minor: 8 };

    /// The first one where `nix flake update NAME` updates an input; before, the word was a flake's
    /// place. (From Nix's release notes.)
    pub const UPDATES_BY_NAME: Self = Self { major: 2, minor: 19 };

    /// The version in what `nix --version` says: `nix (Nix) 2.8.0`.
    #[must_use]
    pub fn said(words: &str) -> Option<Self> {
        let mut numbers = words.split_whitespace().last()?.split(['.', '-', 'p']);
        let mut number = || numbers.next()?.parse().ok();
        Some(Self { major: number()?, minor: number()? })
    }
}

impl fmt::Display for NixVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
