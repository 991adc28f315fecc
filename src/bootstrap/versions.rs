//! The versions whose x.py is known. Its rules change every six weeks; what changes stands here, by version.

use super::error::BootstrapError;
use super::tree::Tree;

/// What is not the same in all known versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// `1.96`.
    pub series: &'static str,
    /// Whether code that a compiler of the tree makes says where values are moved (`-Zannotate-moves`).
    pub annotates_moves: bool,
    /// Whether the standard library's metadata stands in files of its own.
    pub splits_metadata: bool,
}

/// All of them, the oldest first.
const KNOWN: [Rules; 1] = [Rules { series: "1.96", annotates_moves: true, splits_metadata: true }];

/// The rules for `tree`; those of the nearest version where `any` is good enough.
///
/// # Errors
/// [`BootstrapError::Version`] for a version that is not known.
pub fn rules(tree: &Tree, any: bool) -> Result<Rules, BootstrapError> {
    let series = |rules: &&Rules| {
        tree.version.strip_prefix(rules.series).is_some_and(|rest| rest.starts_with('.'))
    };
    if let Some(rules) = KNOWN.iter().find(series) {
        return Ok(*rules);
    }
    match KNOWN.last().filter(|_| any) {
        Some(nearest) => Ok(*nearest),
        None => Err(BootstrapError::Version {
            path: tree.root.join("src/version"),
            version: tree.version.clone(),
            known: KNOWN.map(|rules| rules.series).join(", "),
        }),
    }
}
