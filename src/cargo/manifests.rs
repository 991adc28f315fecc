//! The manifests of all packages, as far as something in them matters.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::error::CargoError;
use super::manifest::{LintFlags, Manifest};
use super::metadata::{Metadata, RawPackage};
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
    let read = |package: &&RawPackage| {
        let path = &package.manifest_path;
        let text = reader::text(path)?;
        // Most manifests of a registry say nothing that matters here; parsing them all would
        // cost more than the rest of planning.
        let matters = ["lints", "harness", "cargo-features"].iter().any(|word| text.contains(word));
        matters.then(|| Manifest::parse(path, &text)).transpose()
    };
    let packages = metadata.packages.iter();
    let packages: Vec<_> = packages.filter(|package| used.contains(package.id.as_str())).collect();
    let manifests: Vec<Result<_, CargoError>> = packages.par_iter().map(read).collect();
    let mut roots = Roots::default();
    let mut facts = BTreeMap::new();
    for (package, manifest) in packages.into_iter().zip(manifests) {
        let path = &package.manifest_path;
        let manifest = manifest?;
        let lint_flags = match manifest.as_ref().map(|manifest| (manifest, manifest.lint_flags())) {
            None => Vec::new(),
            Some((_, LintFlags::Own(flags))) => flags,
            Some((manifest, LintFlags::Inherited { .. })) if manifest.is_workspace_root() => {
                manifest.workspace_lint_flags()
            }
            Some((_, LintFlags::Inherited { root })) => roots.above(path, root.as_deref())?,
        };
        facts.insert(path.clone(), ManifestFacts { manifest, lint_flags });
    }
    Ok(facts)
}

/// The lint flags of workspaces, by their manifests; nothing for a manifest that is no workspace's.
#[derive(Default)]
struct Roots(BTreeMap<Utf8PathBuf, Option<Vec<String>>>);

impl Roots {
    /// Those of the workspace that the package at `path` belongs to, whose root lies above it or is `named`.
    fn above(&mut self, path: &Utf8Path, named: Option<&str>) -> Result<Vec<String>, CargoError> {
        let dir = path.parent().unwrap_or(path);
        if let Some(named) = named {
            let root = paths::normal(&dir.join(named)).join("Cargo.toml");
            return Ok(self.of(&root)?.unwrap_or_default());
        }
        for parent in dir.ancestors().skip(1) {
            let candidate = parent.join("Cargo.toml");
            if candidate.is_file()
                && let Some(flags) = self.of(&candidate)?
            {
                return Ok(flags);
            }
        }
        Err(CargoError::Unit {
            unit: path.to_string(),
            reason: "its lints are inherited from a workspace that cannot be found".to_owned(),
            help: Some("name the workspace's root in `package.workspace`".to_owned()),
        })
    }

    fn of(&mut self, path: &Utf8Path) -> Result<Option<Vec<String>>, CargoError> {
        if let Some(known) = self.0.get(path) {
            return Ok(known.clone());
        }
        let manifest = read(path)?;
        let flags = manifest.is_workspace_root().then(|| manifest.workspace_lint_flags());
        self.0.insert(path.to_owned(), flags.clone());
        Ok(flags)
    }
}
