//! A flake with the flakes inside it: those that its inputs name by path or `?dir=`, and those in
//! nested directories. The loader here is the only part of this room that touches the disk.

use std::collections::{BTreeMap, VecDeque};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;
use thiserror::Error;

use super::drift::{Drift, drift};
use super::error::Failure;
use super::lock::Lock;
use super::read::{Flake, read};
use crate::files::reader::{self, ReadError};

/// Directories that hold no flakes of the project: version control and what builds leave.
const SKIPPED: [&str; 9] =
    [".git", ".hg", ".jj", ".svn", "target", "result", "node_modules", ".direnv", ".cache"];

/// How deep nested directories are searched.
const DEPTH_LIMIT: usize = 12;

/// A flake and the flakes inside it, the root first, then by directory.
#[derive(Debug)]
pub struct FlakeTree {
    /// The flakes; never empty.
    pub flakes: Vec<TreeFlake>,
}

/// One flake of the tree.
#[derive(Debug)]
pub struct TreeFlake {
    /// Its directory, relative to the root; empty for the root itself.
    pub dir: Utf8PathBuf,
    /// Why it belongs to the tree.
    pub reached: Vec<Reached>,
    /// What it says, or what is wrong with it.
    pub flake: Result<Flake, Failure>,
    /// Its lock.
    pub lock: LockState,
}

/// Why a flake belongs to the tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// It is where the tree begins.
    Root,
    /// An input of another flake of the tree names its directory.
    Input {
        /// The directory of that flake.
        from: Utf8PathBuf,
        /// The input's name.
        name: String,
    },
    /// It lies in a directory below.
    Nested,
}

/// What flake.lock says of a flake.
#[derive(Debug)]
pub enum LockState {
    /// There is no flake.lock, and none is needed.
    NotNeeded,
    /// There is no flake.lock beside a flake with inputs.
    Absent {
        /// What it would hold.
        drift: Vec<Drift>,
    },
    /// There is no flake.lock; that of the flake that has this one as an input holds its inputs.
    Covered,
    /// A lock that can be read.
    Present {
        /// The lock.
        lock: Box<Lock>,
        /// Where it and flake.nix disagree.
        drift: Vec<Drift>,
    },
    /// A lock that cannot be read.
    Broken(Failure),
}

impl LockState {
    /// Where flake.nix and its lock disagree.
    pub fn drift(&self) -> &[Drift] {
        match self {
            Self::Absent { drift } | Self::Present { drift, .. } => drift,
            Self::NotNeeded | Self::Covered | Self::Broken(_) => &[],
        }
    }
}

/// Why there is no tree at all.
#[derive(Debug, Error, Diagnostic)]
pub enum LoadError {
    /// The directory has no flake.nix.
    #[error("no flake.nix in {0}")]
    #[diagnostic(help("name a directory that has one, or make one with `rbn-plan init`"))]
    NoFlake(Utf8PathBuf),
    /// A directory cannot be read.
    #[error("failed to read {path}: {error}")]
    Unreadable {
        /// Which.
        path: Utf8PathBuf,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// A file cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] ReadError),
}

/// Reads the flake in `root` and the flakes inside it.
///
/// A flake that is wrong is part of the tree with its [`Failure`]; an `Err` is a directory without a
/// flake, or a file that cannot be read.
pub fn load(root: &Utf8Path) -> Result<FlakeTree, LoadError> {
    let mut found: BTreeMap<Utf8PathBuf, Vec<Reached>> = BTreeMap::new();
    found.insert(Utf8PathBuf::new(), vec![Reached::Root]);
    search(root, Utf8Path::new(""), 0, &mut found)?;
    let mut queue: VecDeque<Utf8PathBuf> = found.keys().cloned().collect();
    let mut flakes: BTreeMap<Utf8PathBuf, ReadFlake> = BTreeMap::new();
    while let Some(dir) = queue.pop_front() {
        let Some(read) = flake_in(root, &dir)? else {
            if dir.as_str().is_empty() {
                return Err(LoadError::NoFlake(root.to_owned()));
            }
            found.remove(&dir);
            continue;
        };
        if let Ok(flake) = &read.0 {
            for (name, input) in &flake.inputs.inputs {
                let reference = input.origin.reference(name);
                let Some(path) = reference.and_then(|reference| reference.relative_path()) else {
                    continue;
                };
                let Some(target) = inside(&dir, &path) else { continue };
                if input.is_flake == Some(false) {
                    continue;
                }
                let reached = Reached::Input { from: dir.clone(), name: name.clone() };
                let known = found.contains_key(&target);
                found.entry(target.clone()).or_default().push(reached);
                if !known {
                    queue.push_back(target);
                }
            }
        }
        flakes.insert(dir, read);
    }
    let flakes = flakes.into_iter().map(|(dir, (flake, lock))| {
        let mut reached = found.remove(&dir).unwrap_or_default();
        reached.sort();
        let is_input =
            |reached: &Reached| matches!(reached, Reached::Input { from, .. } if *from != dir);
        let lock = match lock {
            LockState::Absent { .. } if reached.iter().any(is_input) => LockState::Covered,
            lock => lock,
        };
        TreeFlake { dir, reached, flake, lock }
    });
    Ok(FlakeTree { flakes: flakes.collect() })
}

/// A relative path from `dir`, if it stays inside the tree.
fn inside(dir: &Utf8Path, path: &str) -> Option<Utf8PathBuf> {
    let mut parts: Vec<&str> = dir.iter().collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.into_iter().collect())
}

fn search(
    root: &Utf8Path,
    dir: &Utf8Path,
    depth: usize,
    found: &mut BTreeMap<Utf8PathBuf, Vec<Reached>>,
) -> Result<(), LoadError> {
    let full = root.join(dir);
    let unreadable = |error| LoadError::Unreadable { path: full.clone(), error };
    let entries = match full.read_dir_utf8() {
        Ok(entries) => entries,
        // The root must be there; a directory below that may not be entered holds nothing for us.
        Err(error) if dir.as_str().is_empty() => return Err(unreadable(error)),
        Err(_) => return Ok(()),
    };
    for entry in entries {
        // Names that are no UTF-8 cannot be named by a flake either.
        let Ok(entry) = entry else { continue };
        let name = entry.file_name();
        // Links are not followed: they may lead out of the tree, or in a circle.
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            if depth < DEPTH_LIMIT && !SKIPPED.contains(&name) && !name.starts_with("result-") {
                search(root, &dir.join(name), depth + 1, found)?;
            }
        } else if name == "flake.nix" && !dir.as_str().is_empty() {
            found.entry(dir.to_owned()).or_default().push(Reached::Nested);
        }
    }
    Ok(())
}

/// One flake.nix and its flake.lock.
type ReadFlake = (Result<Flake, Failure>, LockState);

fn flake_in(root: &Utf8Path, dir: &Utf8Path) -> Result<Option<ReadFlake>, LoadError> {
    let Some(text) = text(root, &dir.join("flake.nix"))? else { return Ok(None) };
    let flake = read(&text, dir.join("flake.nix").as_str());
    let inputs = flake.as_ref().ok().map(|flake| &flake.inputs);
    let differences = |lock| inputs.map(|inputs| drift(inputs, lock)).unwrap_or_default();
    let name = dir.join("flake.lock");
    let lock = match self::text(root, &name)? {
        None => match differences(None) {
            drift if drift.is_empty() => LockState::NotNeeded,
            drift => LockState::Absent { drift },
        },
        Some(text) => match Lock::read(&text, name.as_str()) {
            Ok(lock) => LockState::Present { drift: differences(Some(&lock)), lock: lock.into() },
            Err(failure) => LockState::Broken(failure),
        },
    };
    Ok(Some((flake, lock)))
}

fn text(root: &Utf8Path, file: &Utf8Path) -> Result<Option<String>, LoadError> {
    Ok(reader::text_if_there(root.join(file))?)
}
