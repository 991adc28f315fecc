//! A path package on disk: which files are there for its steps, and what they name.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::checkout::Checkout;
use super::code_variables::CodeVariables;
use super::error::CargoError;
use super::left_out::{is_commonplace, is_left_out, is_version_control};
use super::mentions::{Mentions, ModuleFile};
use super::paths::{normal, relative};
use super::surroundings::Surroundings;

/// A path package.
#[derive(Debug)]
pub struct PackageTree<'a> {
    around: &'a Surroundings<'a>,
    checkout: Option<&'a Checkout>,
    /// The package's directory, as Cargo says it.
    pub dir: &'a Utf8Path,
    real_dir: Utf8PathBuf,
    /// Packages below it.
    pub nested: BTreeSet<Utf8PathBuf>,
    /// Variables that code makes paths of.
    pub known: CodeVariables,
    /// Directories that macros of the package search for what their calls name, beside its own.
    pub searched: Vec<Utf8PathBuf>,
    /// What exported macros name outside of the package: it is the caller's that counts.
    pub exported: RefCell<BTreeSet<String>>,
    /// Whether code includes by a variable that is not known.
    pub by_variable: Cell<bool>,
    /// What is seen at a place, and lies somewhere else.
    links: RefCell<BTreeMap<Utf8PathBuf, Utf8PathBuf>>,
}

/// The directories above a package, the nearest first.
#[derive(Debug, Default)]
pub struct Above {
    /// Those of the source tree.
    pub inside: Vec<Utf8PathBuf>,
    /// Those above it, as far as there are any.
    pub outside: Vec<Utf8PathBuf>,
}

/// What is found in a directory.
#[derive(Debug, Default)]
pub struct Found {
    /// Files with Rust in them.
    pub sources: BTreeSet<Utf8PathBuf>,
    /// Directories that are not entered.
    pub closed: BTreeSet<Utf8PathBuf>,
    entered: BTreeSet<Utf8PathBuf>,
}

impl Found {
    fn file(&mut self, path: &Utf8Path) {
        if path.extension() == Some("rs") {
            self.sources.insert(path.to_owned());
        }
    }
}

impl<'a> PackageTree<'a> {
    /// The package in `dir`, without looking at it.
    #[must_use]
    pub fn new(around: &'a Surroundings<'a>, dir: &'a Utf8Path) -> Self {
        let real_dir = dir.canonicalize_utf8().unwrap_or_else(|_| dir.to_owned());
        let mut links = BTreeMap::new();
        if real_dir != around.expected(dir) {
            links.insert(dir.to_owned(), real_dir.clone());
        }
        // As Cargo does with a package that git does not know.
        let manifest = dir.join("Cargo.toml");
        let checkout = around.checkout.filter(|checkout| checkout.knows(&manifest));
        Self {
            around,
            checkout,
            dir,
            real_dir,
            nested: BTreeSet::new(),
            known: CodeVariables::default(),
            searched: Vec::new(),
            exported: RefCell::default(),
            by_variable: Cell::new(false),
            links: RefCell::new(links),
        }
    }

    /// Where code finds itself that goes up from the package.
    #[must_use]
    pub fn above(&self) -> Above {
        let top = match self.dir.starts_with(self.around.root) {
            true => self.around.root,
            false => &self.around.bound,
        };
        let above = self.dir.ancestors().skip(1).map(Utf8Path::to_owned);
        let (inside, outside) = above.partition(|dir| dir.starts_with(top));
        Above { inside, outside }
    }

    /// The workspace root.
    #[must_use]
    pub fn root(&self) -> &Utf8Path {
        self.around.root
    }

    /// Whether a path lies in the source tree: what a guess names elsewhere is none of it.
    #[must_use]
    pub fn is_of_tree(&self, path: &Utf8Path) -> bool {
        path.starts_with(self.around.root) || path.starts_with(&self.around.bound)
    }

    /// Whether a path lies in the package's repository.
    #[must_use]
    pub fn is_of_checkout(&self, path: &Utf8Path) -> bool {
        self.checkout.is_some_and(|checkout| checkout.holds(path))
    }

    /// What is there in a fresh clone, too, and is no version control's own.
    #[must_use]
    pub fn is_there(&self, path: &Utf8Path) -> bool {
        !path.components().any(|part| is_version_control(part.as_str()))
            && !path.ancestors().any(is_result)
            && self.checkout.is_none_or(|checkout| checkout.knows(path))
            && path.exists()
    }

    /// Whether a compile step sees a path only if it is stated.
    #[must_use]
    pub fn is_extra(&self, path: &Utf8Path, also_seen: &[&str]) -> bool {
        let Ok(inside) = path.strip_prefix(self.dir) else { return true };
        let top = inside.components().next().map_or("", |top| top.as_str());
        let seen = also_seen.contains(&top) || !is_left_out(inside);
        let touches = |nested: &Utf8PathBuf| nested.starts_with(path) || path.starts_with(nested);
        !seen || self.nested.iter().any(touches)
    }

    /// The place that `name` means from `base`, if something is there. Where links lead elsewhere, that is kept
    /// for [`Self::links`].
    pub fn resolve(&self, base: &Utf8Path, name: &str) -> Option<Utf8PathBuf> {
        if name.len() > 4000 || Utf8Path::new(name).is_absolute() {
            return None;
        }
        let path = base.join(name);
        let place = normal(&path);
        let real = path.canonicalize_utf8().ok()?;
        if !self.is_there(if place.exists() { &place } else { &real }) {
            return None;
        }
        self.note(&place, real);
        Some(place)
    }

    fn note(&self, place: &Utf8Path, real: Utf8PathBuf) {
        let expected = match place.strip_prefix(self.dir) {
            Ok(inside) => self.real_dir.join(inside),
            Err(_) => self.around.expected(place),
        };
        if real != expected {
            self.links.borrow_mut().insert(place.to_owned(), real);
        }
    }

    /// Looks at all below `path`: sources are added to `found`, links that lead elsewhere are kept.
    ///
    /// # Errors
    /// [`CargoError::TooManyFiles`].
    pub fn walk(&self, path: &Utf8Path, found: &mut Found) -> Result<(), CargoError> {
        self.around.count(path)?;
        let Ok(kind) = path.symlink_metadata() else { return Ok(()) };
        if kind.is_symlink() {
            return self.link(path, found);
        }
        if kind.is_dir() {
            return self.entries(path, found);
        }
        found.file(path);
        Ok(())
    }

    fn entries(&self, dir: &Utf8Path, found: &mut Found) -> Result<(), CargoError> {
        // A link may lead to where we are.
        let real = dir.canonicalize_utf8().unwrap_or_else(|_| dir.to_owned());
        if !found.entered.insert(real) {
            return Ok(());
        }
        let Ok(entries) = dir.read_dir_utf8() else { return Ok(()) };
        let mut entries: Vec<_> = entries.flatten().collect();
        entries.sort_by(|a, b| a.file_name().cmp(b.file_name()));
        if dir != self.dir && entries.iter().any(|entry| entry.file_name() == "CACHEDIR.TAG") {
            return Ok(());
        }
        for entry in entries {
            self.around.count(dir)?;
            let path = entry.path();
            if self.is_left_behind(path, entry.file_name()) || found.closed.contains(path) {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_symlink() => self.link(path, found)?,
                Ok(kind) if kind.is_dir() => self.entries(path, found)?,
                Ok(kind) if kind.is_file() => found.file(path),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether no step ever sees an entry of a directory: version control's, what git ignores, what
    /// Cargo and Nix make.
    fn is_left_behind(&self, path: &Utf8Path, name: &str) -> bool {
        is_version_control(name)
            || path == self.around.target
            || path.parent() == Some(self.dir) && name == "target"
            || self.checkout.is_some_and(|checkout| !checkout.knows(path))
            || is_result(path)
    }

    fn link(&self, path: &Utf8Path, found: &mut Found) -> Result<(), CargoError> {
        let (Ok(text), Ok(real)) = (path.read_link_utf8(), path.canonicalize_utf8()) else {
            return Ok(());
        };
        let stays = match real.strip_prefix(&self.real_dir) {
            Ok(inside) => !text.is_absolute() && !is_left_out(inside),
            Err(_) => false,
        };
        let Ok(kind) = real.metadata() else { return Ok(()) };
        // What leads up would hold itself, and a device holds nothing.
        if stays || path.starts_with(&real) || self.real_dir.starts_with(&real) {
            return Ok(());
        }
        if kind.is_dir() {
            if real.starts_with(&self.around.bound) {
                self.note(path, real);
                self.entries(path, found)?;
            }
        } else if kind.is_file() {
            self.note(path, real);
            found.file(path);
        }
        Ok(())
    }

    /// What `files` name; of `whole` ones their modules, too, and theirs. Absolute places.
    pub fn named_by(
        &self,
        files: &BTreeSet<Utf8PathBuf>,
        whole: &BTreeSet<Utf8PathBuf>,
        worth: &(dyn Fn(&str) -> bool + Sync),
    ) -> BTreeSet<Utf8PathBuf> {
        let mut named: BTreeSet<Utf8PathBuf> = whole.clone();
        let mut next: Vec<(Utf8PathBuf, bool)> = Vec::new();
        next.extend(files.difference(whole).map(|file| (file.clone(), false)));
        next.extend(whole.iter().map(|file| (file.clone(), true)));
        let known = &self.known;
        while !next.is_empty() {
            let wave = std::mem::take(&mut next);
            let look = |(file, follows): &(Utf8PathBuf, bool)| {
                Mentions::of(file, known, |text| *follows || worth(text))
            };
            let looked: Vec<_> = wave.par_iter().map(look).collect();
            for ((file, follows), mentions) in wave.into_iter().zip(looked) {
                let Some(mentions) = mentions else { continue };
                if mentions.exports {
                    let above = mentions.in_package.iter().filter(|name| name.starts_with(".."));
                    self.exported.borrow_mut().extend(above.cloned());
                }
                self.by_variable.set(self.by_variable.get() || mentions.by_variable);
                for path in self.places(&file, &mentions, follows) {
                    let is_source = path.extension() == Some("rs") && !files.contains(&path);
                    if named.insert(path.clone()) && is_source {
                        next.push((path, true));
                    }
                }
            }
        }
        named
    }

    fn places(&self, file: &Utf8Path, mentions: &Mentions, follows: bool) -> Vec<Utf8PathBuf> {
        let here = file.parent().unwrap_or(self.dir);
        // `a.rs` keeps its modules in `a/`; a crate root, `mod.rs` and what `#[path]` names keep them beside.
        let own = here.join(file.file_stem().unwrap_or_default());
        let mut places = Vec::new();
        places.extend(mentions.beside.iter().filter_map(|name| self.resolve(here, name)));
        places.extend(mentions.in_package.iter().filter_map(|name| self.resolve(self.dir, name)));
        for name in &mentions.perhaps {
            let src = self.dir.join("src");
            let bases = [here, self.dir, src.as_path()];
            let found = bases.iter().filter_map(|base| self.resolve(base, name));
            // What leads up is said for other reasons.
            let near: Vec<Utf8PathBuf> = found.filter(|path| !self.dir.starts_with(path)).collect();
            places.extend(self.searched_for(name, !near.is_empty()));
            places.extend(near);
        }
        for module in &mentions.modules {
            for base in [here.join(&module.within), own.join(&module.within)] {
                match &module.file {
                    ModuleFile::Path(path) => places.extend(self.resolve(&base, path)),
                    ModuleFile::Named(name) if follows => {
                        places.extend(self.resolve(&base, &format!("{name}.rs")));
                        places.extend(self.resolve(&base, &format!("{name}/mod.rs")));
                    }
                    ModuleFile::Named(_) => {}
                }
            }
        }
        places
    }

    /// What the call of a macro names that searches the directories above.
    fn searched_for(&self, name: &str, is_near: bool) -> Vec<Utf8PathBuf> {
        let name = name.strip_prefix("./").unwrap_or(name);
        let is_path = name.contains(['.', '/']) && !name.starts_with("..");
        if !is_path || is_near && is_commonplace(name) {
            return Vec::new();
        }
        let found = self.searched.iter().filter_map(|dir| self.resolve(dir, name));
        found
            .filter(|path| !path.join("Cargo.toml").exists() && !self.dir.starts_with(path))
            .collect()
    }

    /// What is seen at a place below `areas`, and where it lies; both from the workspace root.
    #[must_use]
    pub fn links(self) -> BTreeMap<Utf8PathBuf, Utf8PathBuf> {
        let links = self.links.into_inner();
        let covered = |place: &Utf8Path, real: &Utf8Path| {
            place.ancestors().skip(1).any(|above| {
                links.get(above).is_some_and(|from| {
                    place.strip_prefix(above).is_ok_and(|rest| from.join(rest) == *real)
                })
            })
        };
        links
            .iter()
            .filter(|(place, real)| !covered(place, real))
            .map(|(place, real)| {
                (relative(self.around.root, place), relative(&self.around.real_root, real))
            })
            .collect()
    }

    /// Refuses directories that are named and lie out of bounds.
    ///
    /// # Errors
    /// [`CargoError::OutOfBounds`].
    pub fn in_bounds(&self, paths: &BTreeSet<Utf8PathBuf>) -> Result<(), CargoError> {
        for path in paths {
            let real = path.canonicalize_utf8().unwrap_or_else(|_| path.clone());
            if real.is_dir() && !real.starts_with(&self.around.bound) {
                return Err(CargoError::OutOfBounds {
                    package: self.dir.to_owned(),
                    path: path.clone(),
                    real,
                    bound: self.around.bound.clone(),
                });
            }
        }
        Ok(())
    }
}

/// Whether a path is a link that Nix leaves to what it built.
fn is_result(path: &Utf8Path) -> bool {
    path.file_name().is_some_and(|name| name.starts_with("result"))
        && path.read_link_utf8().is_ok_and(|target| target.starts_with("/nix/store"))
}
