//! Where that lies which macros and scripts search for: in the package, and in each directory above it.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::left_out::{is_commonplace, is_left_out, is_version_control};
use super::package_tree::PackageTree;
use super::searches::Sought;
use super::spoken::Known;
use super::surroundings::Surroundings;

/// A larger file is none that code looks for without a name.
const LARGEST: u64 = 1 << 20;

/// How many such files a directory may bring.
const MOST_LOOSE: usize = 100;

/// What is found of what is sought.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// What steps shall see.
    pub seen: BTreeSet<Utf8PathBuf>,
    /// Files that Cargo's process finds on this disk, and no step: git ignores them, or they lie outside.
    pub unseen: BTreeSet<Utf8PathBuf>,
}

/// The names of what lies in a directory.
#[must_use]
pub fn names(dir: &Utf8Path) -> Vec<String> {
    let entries = dir.read_dir_utf8().into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_owned()).collect()
}

/// The names of what lies where the code of these packages may search.
#[must_use]
pub fn known(
    around: &Surroundings<'_>,
    packages: impl Iterator<Item = Utf8PathBuf>,
    env: &BTreeMap<String, String>,
) -> Known {
    let mut dirs: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    for package in packages {
        dirs.extend(PackageTree::new(around, &package).above().inside);
        dirs.insert(package);
    }
    // What most searches are for may lie above all of them, where nothing is looked through.
    let usual = [".env".to_owned()];
    let all = dirs.iter().flat_map(|dir| names(dir)).chain(usual);
    Known::new(
        all.filter(|name| !is_version_control(name)).collect(),
        env.keys().cloned().collect(),
    )
}

/// The places that may be searched for one package.
pub struct Places<'a> {
    /// The package.
    pub tree: &'a PackageTree<'a>,
    /// The directories of all path packages.
    pub packages: &'a BTreeSet<Utf8PathBuf>,
}

impl Places<'_> {
    /// What macros find.
    #[must_use]
    pub fn for_macros(&self, sought: &Sought) -> Placed {
        let mut placed = self.for_script(sought);
        let here = sought.here.iter().chain(&sought.own);
        let paths = here.filter_map(|name| self.tree.resolve(self.tree.dir, name));
        let leads_out = |path: &Utf8PathBuf| {
            let outside = !path.starts_with(self.tree.dir) && !self.tree.dir.starts_with(path);
            outside && self.tree.is_of_tree(path) && !self.holds_packages(path)
        };
        placed.seen.extend(paths.filter(|path| path.is_file() || leads_out(path)));
        if sought.climbs {
            placed.seen.extend(self.loose());
        }
        let variables = sought.variables.iter().filter_map(|name| self.tree.known.path(name));
        let paths = variables.filter_map(|path| self.tree.resolve(self.tree.dir, path));
        // Below one that leads up, names are looked for.
        placed.seen.extend(paths.filter(|path| !self.tree.dir.starts_with(path)));
        placed
    }

    /// What a script finds above its package; in its package it sees what it names for other reasons.
    #[must_use]
    pub fn for_script(&self, sought: &Sought) -> Placed {
        let mut placed = Placed::default();
        if !sought.opens {
            return placed;
        }
        let above = self.tree.above();
        let foreign = || sought.above.iter().filter(|name| !is_commonplace(name));
        for dir in &above.inside {
            let own = sought.own.iter().filter(|name| !name.starts_with(".."));
            for name in foreign().chain(own) {
                self.look_for(dir, name, &mut placed);
            }
        }
        let uncommon = || foreign().chain(sought.own.iter().filter(|name| !is_commonplace(name)));
        for dir in &above.outside {
            for file in uncommon().map(|name| dir.join(name)).filter(|file| file.is_file()) {
                match self.tree.is_there(&file) && self.tree.is_of_checkout(&file) {
                    true => drop(placed.seen.insert(file)),
                    false => drop(placed.unseen.insert(file)),
                }
            }
        }
        let here = uncommon().map(|name| self.tree.dir.join(name));
        placed.unseen.extend(here.filter(|path| path.is_file() && !self.tree.is_there(path)));
        if sought.lock {
            let files = ["Cargo.lock", "Cargo.toml"];
            placed
                .seen
                .extend(files.iter().filter_map(|name| self.tree.resolve(self.tree.root(), name)));
        }
        placed
    }

    fn look_for(&self, dir: &Utf8Path, name: &str, placed: &mut Placed) {
        match self.tree.resolve(dir, name) {
            Some(path) if path.is_file() => drop(placed.seen.insert(path)),
            // `src` or `tests` of another package, and what holds packages, is searched for by no name.
            Some(path) if is_commonplace(name) || self.holds_packages(&path) => {}
            Some(path) => drop(placed.seen.insert(path)),
            None if is_commonplace(name) => {}
            None => {
                let path = dir.join(name);
                if path.is_file() {
                    placed.unseen.insert(path);
                }
            }
        }
    }

    fn holds_packages(&self, path: &Utf8Path) -> bool {
        self.packages.range(path.to_owned()..).next().is_some_and(|dir| dir.starts_with(path))
    }

    /// Small files that lie by themselves in the directories above, within the workspace.
    fn loose(&self) -> BTreeSet<Utf8PathBuf> {
        let mut found = BTreeSet::new();
        for dir in &self.tree.above().inside {
            let mut names = names(dir);
            names.sort();
            let files = names.iter().filter(|name| !is_left_out(name.as_str().into()));
            let files = files.filter(|name| *name != "Cargo.toml");
            let files = files.filter_map(|name| self.tree.resolve(dir, name));
            let is_small = |path: &Utf8PathBuf| {
                path.metadata().is_ok_and(|data| data.is_file() && data.len() <= LARGEST)
            };
            found.extend(files.filter(is_small).take(MOST_LOOSE));
        }
        found
    }
}
