//! What differs from one Cargo to the next, as far as a plan or `verify` sees it.
//!
//! A plan does not depend on the Cargo that planned it: what is below changes where Cargo puts its
//! files and how it tells rustc, never what rustc makes. So the planner follows one way for all,
//! and `verify` knows the others.
//!
//! | since | what | where |
//! |---|---|---|
//! | 1.93 | `include` in configuration files is stable | `Merged` asks Cargo, whatever the version |
//! | 1.99 | no `[lints]` flags beside `--cap-lints allow` (`compute_cap_lints`, cargo 0.100) | `verify` leaves them out: rustc reports nothing either way |
//! | 1.100 | the new layout of the build directory (`-Zbuild-dir-new-layout` before): one directory for each unit, `run/stdout` in the place of `output`, no suffix for programs, a `-L dependency` for each dependency | `verify`'s recording |
//! | nightly | `-Zno-embed-metadata`, later `-Zembed-metadata=no`: rustc leaves metadata out of libraries, and `--extern` names both files | `verify` takes both for one |
//!
//! Sources: the changelog of each version, and the crates cargo 0.98 to 0.100 (1.97 to 1.99).

use std::fmt;

/// The oldest Cargo that plans were proven with.
pub const OLDEST: Version = Version(1, 95);

/// The newest Cargo that plans were proven with, by `verify` on this project's fixtures.
pub const NEWEST: Version = Version(1, 99);

/// A Cargo's version, as far as it is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// The Cargo that is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cargo {
    /// Its version.
    pub version: Version,
    /// Whether it takes `-Z` and the `[unstable]` table.
    pub is_nightly: bool,
}

impl Cargo {
    /// Reads `cargo 1.97.0-nightly (4d1f98451 2026-05-15)`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let version = text.strip_prefix("cargo ")?.split_whitespace().next()?;
        let mut numbers = version.split(['.', '-']);
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next()?.parse().ok()?;
        // Source: `nightly_features_allowed` of Cargo 1.95.
        let is_nightly = ["-nightly", "-dev"].iter().any(|channel| version.contains(channel));
        Some(Self { version: Version(major, minor), is_nightly })
    }

    /// What to say of a Cargo that is newer than all that were tried.
    #[must_use]
    pub fn unproven(&self) -> Option<String> {
        (self.version > NEWEST).then(|| {
            format!(
                "Cargo {} is newer than {NEWEST}, the newest that plans were proven with; `rbn-plan verify` proves this one",
                self.version
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_cargo_prints_them() {
        let read = |text: &str| {
            Cargo::parse(text).map(|cargo| (cargo.version.to_string(), cargo.is_nightly))
        };
        assert_eq!(read("cargo 1.95.0 (f2d3ce0bd 2026-03-21)\n"), Some(("1.95".into(), false)));
        assert_eq!(
            read("cargo 1.97.0-nightly (4d1f98451 2026-05-15)"),
            Some(("1.97".into(), true))
        );
        assert_eq!(read("cargo 1.99.0"), Some(("1.99".into(), false)));
        assert_eq!(read("rustc 1.95.0"), None);
    }

    #[test]
    fn a_newer_one_is_a_note() {
        let cargo = |minor| Cargo { version: Version(1, minor), is_nightly: false };
        assert_eq!(cargo(95).unproven(), None);
        assert!(cargo(101).unproven().is_some_and(|note| note.contains("1.101")));
    }
}
