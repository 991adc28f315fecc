//! What lies in some places of the disk, as far as a look at each name tells.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Directories that belong to other programs: what is in them is no part of a build.
const OTHERS: [&str; 6] = [".git", ".jj", ".hg", ".svn", ".direnv", "node_modules"];

/// What says that a directory can be made again: Cargo's target directory, whatever it is called.
const CACHE: &str = "CACHEDIR.TAG";

/// Where links to what Nix built lead.
const STORE: &str = "/nix/store";

/// What is watched.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Directories with all that is below them, and single files.
    pub trees: BTreeSet<PathBuf>,
    /// What is not looked at, with all that is below: build directories, files that a build writes.
    pub without: BTreeSet<PathBuf>,
}

/// The files that were seen, each with what changes when the file does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    files: BTreeMap<PathBuf, State>,
    pub(super) directories: BTreeSet<PathBuf>,
}

/// When a file was written, and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    modified: Option<SystemTime>,
    size: u64,
}

impl Seen {
    /// How many files there are.
    #[must_use]
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// Looks at the places. What cannot be read is not there.
    #[must_use]
    pub fn look(places: &Places) -> Self {
        let mut seen = Self::default();
        let mut waiting: Vec<PathBuf> = places.trees.iter().cloned().collect();
        while let Some(path) = waiting.pop() {
            if places.without.contains(&path) || seen.directories.contains(&path) {
                continue;
            }
            let Ok(data) = path.symlink_metadata() else { continue };
            if data.is_dir() {
                if path.join(CACHE).exists() {
                    continue;
                }
                let below = fs::read_dir(&path).into_iter().flatten().flatten();
                waiting.extend(below.map(|entry| entry.path()).filter(|path| is_of_the_tree(path)));
                seen.directories.insert(path);
            } else if !(data.is_symlink()
                && fs::read_link(&path).is_ok_and(|target| target.starts_with(STORE)))
            {
                let state = State { modified: data.modified().ok(), size: data.len() };
                seen.files.insert(path, state);
            }
        }
        seen
    }

    /// The files that came, went, or are others since `before`.
    #[must_use]
    pub fn changes(&self, before: &Self) -> Vec<PathBuf> {
        let all: BTreeSet<&PathBuf> = self.files.keys().chain(before.files.keys()).collect();
        let differs = |path: &&&PathBuf| self.files.get(**path) != before.files.get(**path);
        all.iter().filter(differs).map(|path| (*path).clone()).collect()
    }

    /// Takes `path` as it is now: what this program wrote itself is no change.
    pub fn again(&mut self, path: &Path, places: &Places) {
        let now = Self::look(&Places { trees: [path.to_owned()].into(), ..places.clone() });
        self.files.remove(path);
        self.files.extend(now.files);
    }
}

/// Whether a name is not one of another program's directories, nor a file that an editor keeps
/// while it works.
fn is_of_the_tree(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_swap = name.starts_with('.')
        && [".swp", ".swo", ".swx"].iter().any(|ending| name.ends_with(ending));
    let is_editors = is_swap || name.starts_with(".#") || name.ends_with('~') || name == "4913";
    !is_editors && !OTHERS.contains(&name.as_ref())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::PathBuf;

    use super::{Places, Seen};

    /// The changes that `make` makes, by their names in the tree.
    fn changes(make: impl FnOnce(&std::path::Path)) -> Vec<String> {
        let dir = tempfile::tempdir().expect("a directory");
        let root = dir.path();
        for below in ["src", "target", ".git", "empty"] {
            fs::create_dir(root.join(below)).expect("a directory");
        }
        fs::write(root.join("src/main.rs"), "fn main() {}").expect("a file");
        let without = [root.join("target"), root.join("generated.nix")];
        let places = Places { trees: [root.to_owned()].into(), without: without.into() };
        let before = Seen::look(&places);
        make(root);
        let changed = Seen::look(&places).changes(&before);
        let name = |path: &PathBuf| path.strip_prefix(root).map(|path| path.display().to_string());
        changed.iter().map(|path| name(path).expect("below the root")).collect()
    }

    #[test]
    fn what_is_a_change() {
        let all = changes(|root| {
            fs::write(root.join("src/main.rs"), "fn main() { }").expect("a file");
            fs::write(root.join("empty/new.txt"), "").expect("a file");
            fs::write(root.join(".hidden"), "").expect("a file");
        });
        assert_eq!(all, [".hidden", "empty/new.txt", "src/main.rs"]);
        assert_eq!(
            changes(|root| fs::remove_dir_all(root.join("src")).expect("gone")),
            ["src/main.rs"]
        );
        let moved = |root: &std::path::Path| {
            fs::rename(root.join("src/main.rs"), root.join("src/lib.rs")).expect("moved");
        };
        assert_eq!(changes(moved), ["src/lib.rs", "src/main.rs"]);
    }

    #[test]
    fn what_is_none() {
        let all = changes(|root| {
            for file in ["target/x", ".git/index", "generated.nix", "src/.main.rs.swp", "src/4913"]
            {
                fs::write(root.join(file), "").expect("a file");
            }
            for dir in ["node_modules", "built"] {
                fs::create_dir(root.join(dir)).expect("a directory");
            }
            fs::write(root.join("built/CACHEDIR.TAG"), "").expect("a file");
            fs::write(root.join("built/x"), "").expect("a file");
            fs::write(root.join("node_modules/x"), "").expect("a file");
            symlink("/nix/store/none", root.join("result")).expect("a link");
            symlink(root, root.join("src/around")).expect("a link");
            fs::remove_file(root.join("src/around")).expect("gone");
        });
        assert_eq!(all, Vec::<String>::new());
    }

    #[test]
    fn what_we_wrote_is_taken_as_it_is() {
        let dir = tempfile::tempdir().expect("a directory");
        let lock = dir.path().join("Cargo.lock");
        let places = Places { trees: [dir.path().to_owned()].into(), ..Places::default() };
        let mut seen = Seen::look(&places);
        fs::write(&lock, "version = 4").expect("a file");
        seen.again(&lock, &places);
        assert_eq!(Seen::look(&places).changes(&seen), Vec::<PathBuf>::new());
        fs::remove_file(&lock).expect("gone");
        seen.again(&lock, &places);
        assert_eq!(Seen::look(&places).changes(&seen), Vec::<PathBuf>::new());
    }
}
