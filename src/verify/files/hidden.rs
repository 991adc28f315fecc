//! What lies in a source tree and is no source: no step sees it, and no fresh clone has it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::git_runs::VERSION_CONTROL;
use super::ignored::Repository;

/// The rule of docs/files.md, "What no step sees".
#[derive(Debug)]
pub struct Hidden {
    root: Utf8PathBuf,
    /// The plan's file.
    plan: Utf8PathBuf,
    repository: Option<Repository>,
    /// By path, without what git says.
    places: RefCell<BTreeMap<Utf8PathBuf, bool>>,
    known: RefCell<BTreeMap<Utf8PathBuf, bool>>,
}

impl Hidden {
    /// For the workspace at `root`, whose plan is the file `plan`.
    #[must_use]
    pub fn new(root: &Utf8Path, plan: &Utf8Path) -> Self {
        Self {
            root: root.to_owned(),
            plan: root.join(plan),
            repository: Repository::of(root),
            places: RefCell::default(),
            known: RefCell::default(),
        }
    }

    /// Whether a path, or a directory that it lies in, is hidden.
    #[must_use]
    pub fn hides(&self, path: &Utf8Path) -> bool {
        self.learn(&[path]);
        self.known.borrow().get(path).copied().unwrap_or(false)
    }

    /// Finds out about many paths at once: git is started once for all of them.
    pub fn learn(&self, paths: &[&Utf8Path]) {
        let mut known = self.known.borrow_mut();
        let new = paths.iter().copied().filter(|path| !known.contains_key(*path));
        let (hidden, open): (Vec<&Utf8Path>, Vec<&Utf8Path>) =
            new.partition(|path| self.is_in_hidden_place(path));
        let ignored = match (&self.repository, open.is_empty()) {
            (Some(git), false) => git.ignored(&open),
            _ => BTreeSet::new(),
        };
        known.extend(hidden.into_iter().map(|path| (path.to_owned(), true)));
        known.extend(open.into_iter().map(|path| (path.to_owned(), ignored.contains(path))));
    }

    /// Whether the name of a path, or of a directory above it, or a mark in one, hides it.
    fn is_in_hidden_place(&self, path: &Utf8Path) -> bool {
        if self.root.starts_with(path) {
            return false;
        }
        if let Some(known) = self.places.borrow().get(path) {
            return *known;
        }
        let hidden = self.is_hidden_by_itself(path)
            || path.parent().is_some_and(|above| self.is_in_hidden_place(above));
        self.places.borrow_mut().insert(path.to_owned(), hidden);
        hidden
    }

    fn is_hidden_by_itself(&self, path: &Utf8Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        let is_result = name == "result" || name.starts_with("result-");
        VERSION_CONTROL.contains(&name)
            || path == self.root.join("target")
            || (is_result && path.is_symlink())
            || self.is_of_plan(path)
            || path.join("CACHEDIR.TAG").exists()
    }

    fn is_of_plan(&self, path: &Utf8Path) -> bool {
        let Some(dir) = self.plan.parent().filter(|dir| *dir != self.root) else { return false };
        path == dir || (path.parent() == Some(dir) && path.extension() == Some("nix"))
    }
}
