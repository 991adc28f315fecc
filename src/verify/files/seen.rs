//! What a recorded process saw of the source tree.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::dep_info::DepInfo;
use super::trace::Trace;

/// What a process and its children saw. Paths are absolute, without `..`, and lie in the source tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seen {
    /// Files that were read.
    pub read: BTreeSet<Utf8PathBuf>,
    /// Directories that were listed.
    pub listed: BTreeSet<Utf8PathBuf>,
    /// What was asked for and was there.
    pub asked: BTreeSet<Utf8PathBuf>,
    /// What was written.
    pub written: BTreeSet<Utf8PathBuf>,
    /// Names of programs that ran.
    pub ran: BTreeSet<String>,
    /// Addresses of other machines that were called.
    pub called: BTreeSet<String>,
    /// Of rustc: what it says itself.
    pub dep_info: DepInfo,
}

/// Where the source tree is, and what of it is none.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
    other: Vec<PathBuf>,
    /// What PWD says in all of the processes: where recording was started.
    started: Option<PathBuf>,
    /// The real places of directories outside.
    known: RefCell<BTreeMap<PathBuf, Option<PathBuf>>>,
}

impl Tree {
    /// The tree below `root`, without `other`: Cargo's and rustup's own directories, what recording made.
    #[must_use]
    pub fn new(root: &Utf8Path, other: Vec<PathBuf>) -> Self {
        let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
        Self {
            root: real(root.as_std_path().to_owned()),
            started: std::env::var_os("PWD").map(|path| real(path.into())),
            other: other.into_iter().map(real).collect(),
            known: RefCell::default(),
        }
    }

    /// A path of the tree; `None` for one outside, and for one that is no text. Parts `..` are followed as
    /// the system does, through links.
    fn inside(&self, path: &str) -> Option<Utf8PathBuf> {
        let mut path = PathBuf::from(path);
        if path.components().any(|part| part == Component::ParentDir) {
            let short = lexical(&path);
            // Where no link stands before the `..`, the shorter path is the same file.
            let same = short.canonicalize().ok() == path.canonicalize().ok();
            path = match (path.parent().map(Path::canonicalize), path.file_name()) {
                _ if same => short,
                (Some(Ok(parent)), Some(name)) => parent.join(name),
                _ => short,
            };
        }
        if !path.starts_with(&self.root) {
            // Through a link to the tree, as Cargo spells a workspace that was named so.
            path = self.real(path.parent()?)?.join(path.file_name()?);
        }
        let is_inside =
            path.starts_with(&self.root) && !self.other.iter().any(|dir| path.starts_with(dir));
        if is_inside { Utf8PathBuf::from_path_buf(path).ok() } else { None }
    }

    /// The real place of a directory.
    fn real(&self, dir: &Path) -> Option<PathBuf> {
        let mut known = self.known.borrow_mut();
        known.entry(dir.to_owned()).or_insert_with(|| dir.canonicalize().ok()).clone()
    }

    fn all(&self, paths: BTreeSet<String>) -> BTreeSet<Utf8PathBuf> {
        paths.iter().filter_map(|path| self.inside(path)).collect()
    }

    /// What is asked for. C compilers ask for the directory that the variable PWD names, to say where
    /// they are: that is where recording was started, and tells nothing of the step.
    fn asked(&self, paths: BTreeSet<String>) -> BTreeSet<Utf8PathBuf> {
        let is_said = |path: &Utf8PathBuf| {
            *path != self.root && self.started.as_ref().is_none_or(|started| path != started)
        };
        self.all(paths).into_iter().filter(is_said).collect()
    }

    /// What rustc says of the tree.
    pub(in super::super) fn of_tree(&self, mut info: DepInfo) -> DepInfo {
        info.files = info.files.iter().filter_map(|path| self.inside(path.as_str())).collect();
        info
    }

    /// What of a trace concerns the tree.
    #[must_use]
    pub fn seen(&self, trace: Trace) -> Seen {
        let name = |path: &String| path.rsplit('/').next().unwrap_or_default().to_owned();
        Seen {
            read: self.all(trace.read).into_iter().filter(|path| !path.is_dir()).collect(),
            listed: self.all(trace.listed),
            asked: self.asked(trace.asked),
            written: self.all(trace.written),
            ran: trace.ran.iter().map(name).collect(),
            called: trace.called,
            dep_info: DepInfo::default(),
        }
    }
}

/// Without `..`, by the text alone.
fn lexical(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}

/// Directories that are Cargo's and rustup's own, wherever they lie.
#[must_use]
pub fn tool_directories() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let of = |variable: &str, name: &str| {
        std::env::var_os(variable).map_or_else(|| home.join(name), PathBuf::from)
    };
    let all = [of("CARGO_HOME", ".cargo"), of("RUSTUP_HOME", ".rustup")];
    all.into_iter().filter(|dir| fs::symlink_metadata(dir).is_ok()).collect()
}
