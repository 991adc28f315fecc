//! The fixed places inside the sandbox, as paths of UTF-8. Which they are is the builder's to say.

use camino::Utf8PathBuf;

use super::facts;
use crate::model::Package;

fn utf8(path: std::path::PathBuf) -> Utf8PathBuf {
    // Every part of a place is a text of the plan.
    Utf8PathBuf::from(path.to_string_lossy().into_owned())
}

/// Where the workspace root lies. Each level of `depth` makes room for one `..` of a path package
/// outside the workspace.
#[must_use]
pub fn workspace(depth: usize) -> Utf8PathBuf {
    utf8(rbn_builder::package::workspace(depth))
}

/// The package's directory: `CARGO_MANIFEST_DIR`.
#[must_use]
pub fn package(package: &Package, depth: usize) -> Utf8PathBuf {
    utf8(facts::of_package(package).place(depth))
}
