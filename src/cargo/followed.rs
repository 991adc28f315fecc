//! Files that are no Rust and name others: a list of paths, a C file's includes, a macro's configuration.
//!
//! What they name outside of the package, or among what its steps do not see, counts as if the code had named it.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::package_tree::PackageTree;
use crate::files::reader;

/// A longer file is data.
const LONGEST: u64 = 1 << 17;

/// How many files are looked at for one package.
const MOST: usize = 400;

/// How many entries of directories are looked at for them. One that has more is none of a compiler's.
const MOST_ENTRIES: usize = 4000;

/// Files that a script hands to a compiler by their directory.
const INCLUDING: [&str; 14] =
    ["c", "cc", "cpp", "cxx", "h", "hh", "hpp", "hxx", "s", "S", "asm", "ld", "x", "rc"];

/// What `named` files, and those of that kind in `named` directories, name in turn: absolute places.
#[must_use]
pub fn by(tree: &PackageTree<'_>, named: &BTreeSet<Utf8PathBuf>) -> BTreeSet<Utf8PathBuf> {
    let mut queue: Vec<Utf8PathBuf> = Vec::new();
    for path in named {
        match path.is_dir() {
            true if path.starts_with(tree.dir) => including(tree, path, &mut queue),
            true => {}
            false => queue.push(path.clone()),
        }
    }
    queue.reverse();
    let mut found = BTreeSet::new();
    let mut met: BTreeSet<Utf8PathBuf> = queue.iter().cloned().collect();
    let mut left = MOST;
    while let Some(file) = queue.pop() {
        if file.extension() == Some("rs") || left == 0 {
            continue;
        }
        left -= 1;
        for path in named_in(tree, &file) {
            if path.is_file() && met.insert(path.clone()) {
                queue.push(path.clone());
            }
            found.insert(path);
        }
    }
    found
}

fn named_in(tree: &PackageTree<'_>, file: &Utf8Path) -> BTreeSet<Utf8PathBuf> {
    let mut found = BTreeSet::new();
    let bytes = reader::bytes_within(file, LONGEST).ok();
    let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) else { return found };
    let inside = file.starts_with(tree.dir);
    if inside && !text.contains("../") {
        return found;
    }
    let here = file.parent().unwrap_or(tree.dir);
    for word in
        text.split(|letter: char| letter.is_whitespace() || "\"'`,;:=<>()[]{}".contains(letter))
    {
        // Within the package the rest is seen anyway; outside a file has its neighbours beside it.
        let is_path = match inside {
            true => word.starts_with("../") || word.contains("/../"),
            false => word.contains('.') && word.len() > 2,
        };
        if !is_path || word.len() > 400 {
            continue;
        }
        let bases = if inside { [here, tree.dir] } else { [here, here] };
        let path = bases.iter().find_map(|base| tree.resolve(base, word));
        let is_other =
            |path: &Utf8PathBuf| !path.starts_with(tree.dir) && !tree.dir.starts_with(path);
        found.extend(path.filter(|path| is_other(path) && tree.is_of_tree(path)));
    }
    found
}

/// Files below a directory that may include others: all of them or, where there are too many, none, so that the
/// order in which a disk lists them has no say.
fn including(tree: &PackageTree<'_>, dir: &Utf8Path, found: &mut Vec<Utf8PathBuf>) {
    let mut queue = vec![dir.to_owned()];
    let mut left = MOST_ENTRIES;
    let mut all = Vec::new();
    while let Some(dir) = queue.pop() {
        let Ok(entries) = dir.read_dir_utf8() else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            // What an earlier build left has no say, neither by its text nor by its number.
            if !tree.is_there(path) {
                continue;
            }
            left -= 1;
            if left == 0 || all.len() >= MOST {
                return;
            }
            let includes = path.extension().is_some_and(|kind| INCLUDING.contains(&kind));
            match entry.file_type() {
                Ok(kind) if kind.is_file() && includes => all.push(path.to_owned()),
                Ok(kind) if kind.is_dir() && !tree.nested.contains(path) => {
                    queue.push(path.to_owned());
                }
                _ => {}
            }
        }
    }
    all.sort();
    found.extend(all);
}
