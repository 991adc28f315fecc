//! `cargo metadata`, format 1: the fields that planning needs.
//!
//! The crate `cargo_metadata` reads all of it, but parses `rust_version` into a full version
//! (`1.60` becomes `1.60.0`), and `CARGO_PKG_RUST_VERSION` has the manifest's spelling. Leaving
//! out the resolve graph also makes reading several times faster.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use serde::Deserialize;

use super::error::CargoError;
use crate::model::TargetKind;

/// The whole answer.
#[derive(Debug, Deserialize)]
pub struct Metadata {
    version: u32,
    /// All packages for the asked platforms, by their ids.
    pub packages: Vec<RawPackage>,
    /// The ids of the workspace's own packages.
    #[serde(default)]
    pub workspace_members: BTreeSet<String>,
    /// The workspace root, absolute.
    pub workspace_root: Utf8PathBuf,
    /// Where Cargo would build.
    pub target_directory: Utf8PathBuf,
}

/// A package.
#[derive(Debug, Deserialize)]
pub struct RawPackage {
    /// Opaque, as in the unit graph.
    pub id: String,
    /// The name.
    pub name: String,
    /// The version.
    pub version: semver::Version,
    /// `registry+...`, `git+...`; none for path packages.
    pub source: Option<String>,
    /// Absolute.
    pub manifest_path: Utf8PathBuf,
    /// `links`.
    pub links: Option<String>,
    /// Declared features, implicit ones too; sorted.
    pub features: BTreeMap<String, Vec<String>>,
    /// Declared dependencies, for every platform.
    #[serde(default)]
    pub dependencies: Vec<RawDependency>,
    /// All build targets.
    pub targets: Vec<RawTarget>,
    /// `authors`.
    #[serde(default)]
    pub authors: Vec<String>,
    /// `description`.
    pub description: Option<String>,
    /// `homepage`.
    pub homepage: Option<String>,
    /// `repository`.
    pub repository: Option<String>,
    /// `license`.
    pub license: Option<String>,
    /// `license-file`.
    pub license_file: Option<String>,
    /// `readme`.
    pub readme: Option<String>,
    /// `rust-version`, as spelled.
    pub rust_version: Option<String>,
    /// `default-run`.
    pub default_run: Option<String>,
}

/// A dependency as the manifest declares it.
#[derive(Debug, Deserialize)]
pub struct RawDependency {
    /// The package's name.
    pub name: String,
    /// The name in the manifest, where it is another.
    pub rename: Option<String>,
    /// `build`, `dev`; none for a normal one.
    pub kind: Option<String>,
    /// The triple or `cfg()` of its table, where it holds for some platforms only.
    pub target: Option<String>,
    /// `default-features`.
    pub uses_default_features: bool,
    /// `features`.
    pub features: Vec<String>,
    /// Set where programs or libraries of it are wanted as files (`artifact`, on nightly).
    #[serde(default)]
    pub artifact: Option<serde::de::IgnoredAny>,
}

/// A build target.
#[derive(Debug, Deserialize)]
pub struct RawTarget {
    /// One kind, but for libraries, where it repeats the crate types.
    pub kind: Vec<String>,
    /// The name.
    pub name: String,
    /// Absolute.
    pub src_path: Utf8PathBuf,
}

impl Metadata {
    /// Whether the package is the workspace's own.
    #[must_use]
    pub fn has_member(&self, package: &RawPackage) -> bool {
        self.workspace_members.contains(&package.id)
    }

    /// Adds packages of another answer.
    pub fn add(&mut self, packages: Vec<RawPackage>) {
        self.packages.extend(packages);
        self.packages.sort_by(|a, b| a.id.cmp(&b.id));
    }
}

impl RawTarget {
    /// The kind; `None` for one that this version does not know (which no unit can have).
    #[must_use]
    pub fn kind(&self) -> Option<TargetKind> {
        super::unit_graph::target_kind(&self.kind)
    }
}

/// Parses what Cargo printed.
///
/// # Errors
/// [`CargoError::Answer`] for another format version or another shape.
pub fn parse(json: &[u8]) -> Result<Metadata, CargoError> {
    let answer =
        |reason: String| CargoError::Answer { command: "cargo metadata".to_owned(), reason };
    let mut metadata: Metadata = serde_json::from_slice(json).map_err(|e| answer(e.to_string()))?;
    if metadata.version != 1 {
        return Err(answer(format!("format {} (only 1 is known)", metadata.version)));
    }
    metadata.add(Vec::new());
    Ok(metadata)
}
