//! Settings that took part, with where they stand.
//!
//! A plan is committed with the workspace. What Cargo reads from a user's home, or from a directory
//! above the workspace, is not: a colleague's plan would be another one.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::merged::Origin;

/// A value that took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What it is, in words of the configuration.
    pub key: String,
    /// The value, or one element of a list.
    pub value: String,
    /// Where it stands.
    pub origin: Origin,
}

/// The keys of those that stand in files outside of `root`, by file; `--config` may name one, too.
#[must_use]
pub fn outside<'a>(
    taken: &'a [Taken],
    root: &Utf8Path,
) -> BTreeMap<&'a Utf8PathBuf, BTreeSet<&'a str>> {
    let mut files: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for one in taken {
        if let Origin::File(path) | Origin::CommandLine(Some(path)) = &one.origin
            && !path.starts_with(root)
        {
            files.entry(path).or_default().insert(one.key.as_str());
        }
    }
    files
}

/// Whether a flag makes code for the processor of the machine that compiles.
#[must_use]
pub fn is_native(flags: &[String]) -> bool {
    let joined = flags.join(" ");
    ["target-cpu=native", "tune-cpu=native"].iter().any(|flag| joined.contains(flag))
}
