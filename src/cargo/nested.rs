//! Packages below a package.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

use super::package_tree::PackageTree;

/// Directories below a package that are packages of their own: those Cargo knows, and those beside
/// the package's sources that have a manifest (a `fuzz/` that is excluded from the workspace).
pub fn nested(tree: &PackageTree<'_>, packages: &BTreeSet<Utf8PathBuf>) -> BTreeSet<Utf8PathBuf> {
    let dir = tree.dir;
    let mut nested: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    // A set of paths is ordered by components, so what lies below `dir` follows it.
    for path in packages.range(dir.to_owned()..).take_while(|path| path.starts_with(dir)) {
        // Likewise what lies below another package follows that one.
        if path != dir && nested.last().is_none_or(|outer| !path.starts_with(outer)) {
            nested.insert(path.clone());
        }
    }
    if let Ok(entries) = dir.read_dir_utf8() {
        for entry in entries.flatten() {
            let path = entry.path();
            let manifest = path.join("Cargo.toml");
            if manifest.is_file() && !nested.contains(path) && tree.is_there(&manifest) {
                nested.retain(|inner| !inner.starts_with(path));
                nested.insert(path.to_owned());
            }
        }
    }
    nested
}
