//! Which packages have code that opens files.
//!
//! Most macros open none, and to find that out takes a look at all that they are made of: a third of what reading a workspace
//! costs after Cargo's answers. Of packages that are not the workspace's it can be found out while Cargo still works out the
//! units.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::declared::{Declared, is_macro};
use super::metadata::{Metadata, RawPackage};
use super::spoken;
use super::unpacked::is_unpacked;
use crate::files::reader;
use crate::model::TargetKind;

/// How many files of a crate are looked at.
const MOST: usize = 3000;

/// Crates of the default registry that most macros are made of. They open no file by themselves, and are
/// half of all text that would be looked at.
const OPEN_NOTHING: [&str; 10] = [
    "darling_core",
    "either",
    "itertools",
    "libc",
    "memchr",
    "proc-macro2",
    "quote",
    "serde_derive",
    "syn",
    "unicode-ident",
];

/// What was found out, by the packages' ids.
#[derive(Debug, Default)]
pub struct Openings(BTreeMap<String, bool>);

impl Openings {
    /// Looks at all macros of `metadata` and at what they are made of, but for path packages, of which git decides what
    /// counts, and for what Cargo is unpacking only now.
    #[must_use]
    pub fn new(metadata: &Metadata) -> Self {
        let declared = Declared::new(&metadata.packages);
        let macros = metadata.packages.iter().filter(|package| is_macro(package));
        let names = declared.made_of(macros.map(|package| package.name.as_str()));
        let packages = declared.named(&names);
        let others = packages.filter(|package| is_unpacked(package) && !opens_nothing(package));
        let look = |package: &RawPackage| (package.id.clone(), opens(&sources(package, |_| true)));
        Self(others.map(look).collect())
    }

    /// Whether the package opens files, where that is known.
    #[must_use]
    pub fn of(&self, package: &RawPackage) -> Option<bool> {
        self.0.get(&package.id).copied()
    }
}

/// Whether the package is known to open nothing by itself.
#[must_use]
pub fn opens_nothing(package: &RawPackage) -> bool {
    package.source.is_some() && OPEN_NOTHING.contains(&package.name.as_str())
}

/// Whether the code of these files opens others.
#[must_use]
pub fn opens(files: &[Utf8PathBuf]) -> bool {
    files.iter().any(|file| reader::text(file).is_ok_and(|text| spoken::opens(&text)))
}

/// The Rust files of a package's library or macro that `is_there` lets through, without directories of tests.
pub fn sources(package: &RawPackage, is_there: impl Fn(&Utf8Path) -> bool) -> Vec<Utf8PathBuf> {
    let is_lib = |kind| matches!(kind, Some(TargetKind::Lib | TargetKind::ProcMacro));
    let root = package.targets.iter().find(|target| is_lib(target.kind()));
    let Some(dir) = root.and_then(|root| root.src_path.parent()) else { return Vec::new() };
    let mut found = Vec::new();
    let mut queue = vec![dir.to_owned()];
    while let Some(dir) = queue.pop() {
        let Ok(entries) = dir.read_dir_utf8() else { continue };
        let mut paths: Vec<Utf8PathBuf> =
            entries.flatten().map(|entry| entry.into_path()).collect();
        paths.sort();
        for path in paths {
            if found.len() + queue.len() >= MOST {
                return found;
            }
            match path.file_name() {
                Some("tests" | "tests.rs" | "test.rs" | "benches" | "examples" | "target") => {}
                _ if path.extension() == Some("rs") && is_there(&path) => found.push(path),
                _ if path.extension().is_none() && path.is_dir() => queue.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}
