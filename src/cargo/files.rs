//! Which files the steps of each path package may read.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::metadata::{Metadata, RawPackage};
use super::source_scan::Tree;
use crate::model::TargetKind;
use crate::model::package::PackageFiles;

/// The files of every used path package, by its absolute directory.
///
/// Reads the packages' sources; what cannot be read is left to the build's own message.
#[must_use]
pub fn of_path_packages(
    metadata: &Metadata,
    used: &BTreeSet<&str>,
) -> BTreeMap<Utf8PathBuf, PackageFiles> {
    let dirs: BTreeSet<Utf8PathBuf> = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none())
        .filter_map(|package| package.manifest_path.parent().map(Utf8Path::to_owned))
        .collect();
    let root = &metadata.workspace_root;
    let packages = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_none() && used.contains(package.id.as_str()));
    packages
        .filter_map(|package| {
            let dir = package.manifest_path.parent()?;
            Some((
                dir.to_owned(),
                of_package(package, dir, root, &dirs, &metadata.target_directory),
            ))
        })
        .collect()
}

fn of_package(
    package: &RawPackage,
    dir: &Utf8Path,
    root: &Utf8Path,
    packages: &BTreeSet<Utf8PathBuf>,
    target_directory: &Utf8Path,
) -> PackageFiles {
    let nested = nested(dir, packages);
    let mut closed = nested.clone();
    closed.insert(target_directory.to_owned());
    let tree = Tree { dir, closed: &closed };

    let mut code = BTreeSet::new();
    let mut tests = BTreeSet::new();
    let mut script_root = None;
    for target in &package.targets {
        let path = target.src_path.clone();
        let place = match path.parent() {
            Some(parent) if parent != dir => parent.to_owned(),
            _ => path.clone(),
        };
        match target.kind() {
            Some(TargetKind::CustomBuild) => script_root = Some(path),
            Some(TargetKind::Test | TargetKind::Bench | TargetKind::Example) => {
                tests.insert(place);
            }
            _ => {
                code.insert(place);
            }
        }
    }
    let script = script_root.map(|path| tree.script_files(&path)).unwrap_or_default();
    let code_roots: Vec<_> = code.iter().chain(&tests).cloned().collect();
    // A build script among the crates' sources (`src/build.rs`) does not make `src` its data.
    let also = tree.included(&code_roots);
    let script_also = tree.script_reads(&script);

    let kept_out = |path: &Utf8PathBuf| {
        !path.starts_with(dir) || is_left_out(path.strip_prefix(dir).unwrap_or(path))
    };
    let in_code = |path: &Utf8PathBuf| {
        code.iter().any(|place| path.starts_with(place) || place.starts_with(path))
    };
    let relative = |paths: &mut dyn Iterator<Item = &Utf8PathBuf>| {
        let mut list: Vec<_> = paths.map(|path| relative(root, path)).collect();
        list.sort();
        list.dedup();
        list
    };
    PackageFiles {
        without: relative(&mut nested.iter()),
        code: relative(&mut code.iter()),
        script: relative(&mut script.iter()),
        also: relative(&mut also.iter().filter(|path| kept_out(path))),
        script_also: relative(
            &mut script_also
                .iter()
                .filter(|path| !script.contains(*path) && (kept_out(path) || in_code(path))),
        ),
    }
}

/// Whether the default leaves a path of a package out: the same rule as in `templates/lib/sources.nix`.
#[must_use]
pub fn is_left_out(path: &Utf8Path) -> bool {
    let Some(first) = path.components().next() else { return false };
    let first = first.as_str();
    let only = path.components().count() == 1;
    matches!(
        first,
        "tests"
            | "benches"
            | "examples"
            | "target"
            | "generated"
            | "Cargo.lock"
            | "config.toml"
            | "flake.lock"
    ) || first.starts_with('.')
        || (only && first.ends_with(".nix"))
        || (only && first.ends_with(".md"))
        || (only && first.starts_with("result"))
        || ["README", "LICENSE", "LICENCE", "COPYING", "UNLICENSE", "CHANGELOG", "NOTICE"]
            .iter()
            .any(|name| only && first.starts_with(name))
}

/// Directories below `dir` that are packages of their own: those Cargo knows, and those beside
/// the package's sources that have a manifest (a `fuzz/` that is excluded from the workspace).
fn nested(dir: &Utf8Path, packages: &BTreeSet<Utf8PathBuf>) -> BTreeSet<Utf8PathBuf> {
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
            if path.join("Cargo.toml").is_file() && !nested.contains(path) {
                nested.retain(|inner| !inner.starts_with(path));
                nested.insert(path.to_owned());
            }
        }
    }
    nested
}

/// `path` relative to `root`, with `..` where it lies outside.
#[must_use]
pub fn relative(root: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    let mut up = Utf8PathBuf::new();
    for ancestor in root.ancestors() {
        if let Ok(rest) = path.strip_prefix(ancestor) {
            return up.join(rest).components().collect();
        }
        up.push("..");
    }
    path.to_owned()
}
