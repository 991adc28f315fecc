//! Which versions a requirement of an advisory means.
//!
//! For Cargo a requirement is what may be chosen, so it means no version before a release (`1.0.0-rc.1`) unless
//! it names one. An advisory's speaks of all versions there are, in their order: `>= 1.2.3` means
//! `1.3.0-rc.1` too, and not `1.2.3-rc.1`.

use std::cmp::Ordering;

use semver::{Comparator, Op, Prerelease, Version, VersionReq};

/// Whether `version` is one of those that `requirement` means; `None` where it cannot be told.
pub fn means(requirement: &VersionReq, version: &Version) -> Option<bool> {
    let mut all = true;
    for comparator in &requirement.comparators {
        all &= one(comparator, version)?;
    }
    Some(all)
}

fn one(comparator: &Comparator, version: &Version) -> Option<bool> {
    let first = Version {
        pre: comparator.pre.clone(),
        ..Version::new(
            comparator.major,
            comparator.minor.unwrap_or(0),
            comparator.patch.unwrap_or(0),
        )
    };
    let order = version.cmp_precedence(&first);
    let is_whole = comparator.patch.is_some();
    // `> 1.2` and `<= 1.2` speak of all of 1.2.
    let is_beyond = || Some(order != Ordering::Less && !is_before(version, &next(comparator)?));
    Some(match comparator.op {
        Op::Exact if is_whole => order == Ordering::Equal,
        Op::Exact | Op::Wildcard => {
            order != Ordering::Less && is_before(version, &next(comparator)?)
        }
        Op::Greater if is_whole => order == Ordering::Greater,
        Op::Greater => is_beyond()?,
        Op::GreaterEq => order != Ordering::Less,
        Op::Less => order == Ordering::Less,
        Op::LessEq if is_whole => order != Ordering::Greater,
        Op::LessEq => !is_beyond()?,
        Op::Tilde => order != Ordering::Less && is_before(version, &next(comparator)?),
        Op::Caret => order != Ordering::Less && is_before(version, &compatible(comparator)?),
        // The library may learn others.
        _ => return None,
    })
}

/// The first version after a series, and what comes before its release.
fn beginning(major: u64, minor: u64, patch: u64) -> Option<Version> {
    let pre = Prerelease::new("0").ok()?;
    Some(Version { pre, ..Version::new(major, minor, patch) })
}

fn is_before(version: &Version, end: &Version) -> bool {
    version.cmp_precedence(end) == Ordering::Less
}

/// After `1` comes 2, after `1.2` comes 1.3.
fn next(comparator: &Comparator) -> Option<Version> {
    match comparator.minor {
        Some(minor) => beginning(comparator.major, minor.checked_add(1)?, 0),
        None => beginning(comparator.major.checked_add(1)?, 0, 0),
    }
}

/// Where the first number that is not 0 changes.
fn compatible(comparator: &Comparator) -> Option<Version> {
    match (comparator.major, comparator.minor, comparator.patch) {
        (0, Some(0), Some(patch)) => beginning(0, 0, patch.checked_add(1)?),
        (0, Some(minor), _) => beginning(0, minor.checked_add(1)?, 0),
        (major, ..) => beginning(major.checked_add(1)?, 0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::means;

    fn check(requirement: &str, yes: &[&str], no: &[&str]) {
        let requirement = requirement.parse().expect("a requirement");
        for (versions, expected) in [(yes, true), (no, false)] {
            for version in versions {
                let parsed = version.parse().expect("a version");
                assert_eq!(means(&requirement, &parsed), Some(expected), "{requirement} {version}");
            }
        }
    }

    #[test]
    fn versions_before_a_release_are_in_their_order() {
        check(">= 1.2.3", &["1.2.3", "1.3.0-rc.1", "2.0.0-alpha"], &["1.2.3-rc.1", "1.2.2"]);
        check("< 1.2.3", &["1.2.3-rc.1", "0.1.0"], &["1.2.3", "1.2.3+build"]);
        check("> 1.2.3-rc.1", &["1.2.3-rc.2", "1.2.3"], &["1.2.3-rc.1"]);
        check(
            ">= 1.0, < 1.5",
            &["1.0.0", "1.4.9", "1.5.0-rc.1"],
            &["0.9.9", "1.5.0", "1.0.0-rc.1"],
        );
    }

    #[test]
    fn a_series_ends_before_the_next_begins() {
        check("^1.2.3", &["1.2.3", "1.9.0-rc.1"], &["2.0.0-alpha", "1.2.3-rc.1", "2.0.0"]);
        check("^0.2.3", &["0.2.3", "0.2.9"], &["0.3.0", "0.3.0-0"]);
        check("^0.0.3", &["0.0.3"], &["0.0.4", "0.0.4-rc.1"]);
        check("^0", &["0.0.0", "0.9.9"], &["1.0.0-rc.1"]);
        check("~1.2.3", &["1.2.3", "1.2.9"], &["1.3.0-rc.1", "1.2.2"]);
        check("~1", &["1.0.0", "1.9.9"], &["2.0.0"]);
        check("1.2.*", &["1.2.0", "1.2.9"], &["1.3.0", "1.1.9"]);
    }

    #[test]
    fn a_version_that_is_not_whole_is_its_series() {
        check("=1.2", &["1.2.0", "1.2.9"], &["1.3.0", "1.1.0"]);
        check("> 1.2", &["1.3.0"], &["1.2.9", "1.1.0"]);
        check("<= 1.2", &["1.2.9", "1.1.0"], &["1.3.0"]);
        check("*", &["0.0.1-rc.1", "9.0.0"], &[]);
        check("=1.2.3", &["1.2.3"], &["1.2.4", "1.2.3-rc.1"]);
    }
}
