//! Registries: each is its index. Its host says nothing: one may serve many.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::metadata::Metadata;
use crate::model::source::DEFAULT_REGISTRY;

/// What a plan calls the registry that a package's source names: the default one by Cargo's own name
/// for it, whatever the protocol; others by the name that `named` gives the index, else by that.
#[must_use]
pub fn name(named: &BTreeMap<String, String>, source: &str) -> String {
    let sparse = source.starts_with("sparse+");
    let index = if sparse { source } else { source.strip_prefix("registry+").unwrap_or(source) };
    if is_default(source) {
        return DEFAULT_REGISTRY.to_owned();
    }
    named.get(index).cloned().unwrap_or_else(|| index.to_owned())
}

/// Whether a source is the default registry.
#[must_use]
pub fn is_default(source: &str) -> bool {
    source.ends_with("/crates.io-index")
}

/// The folders that Cargo's home has for the registries of `metadata`'s packages, with the name of
/// each registry: a package's sources lie in `registry/src/FOLDER`, its index in
/// `registry/index/FOLDER`.
#[must_use]
pub fn folders(
    metadata: &Metadata,
    home: &Utf8Path,
    named: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let sources = home.join("registry/src");
    let packages = metadata.packages.iter().filter_map(|package| {
        let source = package.source.as_ref().filter(|source| !source.starts_with("git+"))?;
        let below = package.manifest_path.strip_prefix(&sources).ok()?;
        Some((below.components().next()?.to_string(), name(named, source)))
    });
    packages.collect()
}
