//! The manifests of all packages, as far as something in them matters.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::error::CargoError;
use super::manifest::{LintFlags, Manifest};
use super::metadata::Metadata;
use super::paths;
use crate::files::reader;

/// What only a manifest says of its package.
#[derive(Debug, Default)]
pub struct ManifestFacts {
    /// The parsed manifest; `None` where nothing in it matters here.
    pub manifest: Option<Manifest>,
    /// `[lints]` as flags, inheritance resolved.
    pub lint_flags: Vec<String>,
}

/// The manifest at `path`.
///
/// # Errors
/// It cannot be read, or is no manifest.
pub fn read(path: &Utf8Path) -> Result<Manifest, CargoError> {
    Manifest::parse(path, &reader::text(path)?)
}

/// The manifests of the `used` packages, by their paths.
///
/// # Errors
/// One that cannot be read, is no manifest, or inherits from a workspace that is not there.
pub fn of_packages(
    metadata: &Metadata,
    used: &BTreeSet<&str>,
) -> Result<BTreeMap<Utf8PathBuf, ManifestFacts>, CargoError> {
    let mut facts = BTreeMap::new();
    let mut roots: BTreeMap<Utf8PathBuf, Vec<String>> = BTreeMap::new();
    for package in metadata.packages.iter().filter(|p| used.contains(p.id.as_str())) {
        let path = &package.manifest_path;
        let text = reader::text(path)?;
        // Most manifests of a registry say nothing that matters here; parsing them all would
        // cost more than the rest of planning.
        if !["lints", "harness", "cargo-features"].iter().any(|word| text.contains(word)) {
            facts.insert(path.clone(), ManifestFacts::default());
            continue;
        }
        let manifest = Manifest::parse(path, &text)?;
        let lint_flags = match manifest.lint_flags() {
            LintFlags::Own(flags) => flags,
            LintFlags::Inherited { root } => {
                let root = workspace_root(path, &manifest, root.as_deref())?;
                match roots.get(&root) {
                    Some(flags) => flags.clone(),
                    None => {
                        let flags = read(&root)?.workspace_lint_flags();
                        roots.entry(root).or_insert(flags).clone()
                    }
                }
            }
        };
        facts.insert(path.clone(), ManifestFacts { manifest: Some(manifest), lint_flags });
    }
    Ok(facts)
}

/// The manifest of the workspace that the package at `path` belongs to.
fn workspace_root(
    path: &Utf8Path,
    manifest: &Manifest,
    named: Option<&str>,
) -> Result<Utf8PathBuf, CargoError> {
    if manifest.is_workspace_root() {
        return Ok(path.to_owned());
    }
    let dir = path.parent().unwrap_or(path);
    if let Some(named) = named {
        return Ok(paths::normal(&dir.join(named)).join("Cargo.toml"));
    }
    for parent in dir.ancestors().skip(1) {
        let candidate = parent.join("Cargo.toml");
        if candidate.is_file() && read(&candidate)?.is_workspace_root() {
            return Ok(candidate);
        }
    }
    Err(CargoError::Unit {
        unit: path.to_string(),
        reason: "its lints are inherited from a workspace that cannot be found".to_owned(),
        help: Some("name the workspace's root in `package.workspace`".to_owned()),
    })
}
