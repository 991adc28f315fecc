//! What git ignores, asked for many paths at once.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};

/// How often a question that git refuses is cut in two. It refuses all for one path that it has nothing to say
/// about; where there are many of these, none of the rest counts as ignored.
const REFUSALS: usize = 64;

/// The checkout that a workspace lies in.
#[derive(Debug)]
pub struct Repository {
    top: Utf8PathBuf,
    /// By directory: where it really is, if its files are of this repository.
    real: RefCell<BTreeMap<Utf8PathBuf, Option<Utf8PathBuf>>>,
}

impl Repository {
    /// The checkout around `root`.
    #[must_use]
    pub fn of(root: &Utf8Path) -> Option<Self> {
        let root = root.canonicalize_utf8().ok()?;
        let top = root.ancestors().find(|dir| dir.join(".git").exists())?.to_owned();
        Some(Self { top, real: RefCell::default() })
    }

    /// Those of `paths` that the `.gitignore` files of the repository ignore, and that are not tracked.
    #[must_use]
    pub fn ignored(&self, paths: &[&Utf8Path]) -> BTreeSet<Utf8PathBuf> {
        let own: BTreeMap<Utf8PathBuf, &Utf8Path> =
            paths.iter().filter_map(|path| Some((self.place(path)?, *path))).collect();
        let places: Vec<&Utf8Path> = own.keys().map(Utf8PathBuf::as_path).collect();
        let mut found = BTreeSet::new();
        self.ask(&places, &mut found, &mut { REFUSALS });
        found.iter().filter_map(|place| own.get(place)).map(|path| (*path).to_owned()).collect()
    }

    /// Where a path really is; nothing where that is of another repository, or of none.
    fn place(&self, path: &Utf8Path) -> Option<Utf8PathBuf> {
        let above = path.parent()?;
        let mut real = self.real.borrow_mut();
        let real = real.entry(above.to_owned()).or_insert_with(|| {
            let real = above.canonicalize_utf8().ok()?;
            let owner = real.ancestors().find(|dir| dir.join(".git").exists())?;
            (owner == self.top).then_some(real)
        });
        Some(real.as_ref()?.join(path.file_name()?))
    }

    fn ask(&self, places: &[&Utf8Path], found: &mut BTreeSet<Utf8PathBuf>, refusals: &mut usize) {
        if places.is_empty() {
            return;
        }
        match self.answer(places) {
            Some(ignored) => found.extend(ignored),
            None if places.len() > 1 && *refusals > 0 => {
                *refusals -= 1;
                let (one, other) = places.split_at(places.len() / 2);
                self.ask(one, found, refusals);
                self.ask(other, found, refusals);
            }
            None => {}
        }
    }

    /// Git's own word; nothing where it refuses or is not there.
    fn answer(&self, places: &[&Utf8Path]) -> Option<Vec<Utf8PathBuf>> {
        let mut git = Command::new("git")
            .arg("-C")
            .arg(&self.top)
            .args(["-c", "core.excludesFile=", "check-ignore", "--stdin", "-z"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let question: Vec<u8> =
            places.iter().flat_map(|place| [place.as_str().as_bytes(), b"\0"].concat()).collect();
        let mut input = git.stdin.take()?;
        // Git answers while it is still asked; and one that ends early reads no more, which its end says.
        let writer = thread::spawn(move || drop(input.write_all(&question)));
        let output = git.wait_with_output().ok();
        drop(writer.join());
        let output = output.filter(|output| matches!(output.status.code(), Some(0 | 1)))?;
        let said = String::from_utf8(output.stdout).ok()?;
        Some(said.split_terminator('\0').map(Utf8PathBuf::from).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Repository;
    use camino::{Utf8Path, Utf8PathBuf};
    use std::fs;
    use std::process::Command;

    fn git(dir: &Utf8Path, words: &[&str]) {
        let done = Command::new("git").arg("-C").arg(dir).args(words).output();
        assert!(done.expect("git starts").status.success(), "{words:?}");
    }

    /// Links, another repository inside, and names of all kinds spoil no answer for the rest.
    #[test]
    fn one_question_for_all() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Utf8Path::from_path(dir.path()).expect("UTF-8").join("ws");
        for dir in ["logs", "inner", "data"] {
            fs::create_dir_all(root.join(dir)).expect("a directory");
        }
        git(&root, &["init", "--quiet"]);
        git(&root.join("inner"), &["init", "--quiet"]);
        fs::write(root.join(".gitignore"), "*.log\n!kept.log\nlogs/\n").expect("a file");
        std::os::unix::fs::symlink("data", root.join("link")).expect("a link");
        let names = [
            "a.log",
            "kept.log",
            "tracked.log",
            "two\nlines.log",
            "ä \"b\".log",
            "plain",
            "logs/x",
            "link/b.log",
            "inner/c.log",
        ];
        for name in names {
            fs::write(root.join(name), "").expect("a file");
        }
        git(&root, &["add", "-f", "tracked.log"]);
        let outside = root.join("../outside.log");
        fs::write(&outside, "").expect("a file");
        let paths: Vec<Utf8PathBuf> =
            names.iter().map(|name| root.join(name)).chain([outside]).collect();
        let paths: Vec<&Utf8Path> = paths.iter().map(Utf8PathBuf::as_path).collect();
        let ignored = Repository::of(&root).expect("a repository").ignored(&paths);
        let ignored: Vec<&str> = ignored
            .iter()
            .filter_map(|path| path.strip_prefix(&root).ok())
            .map(Utf8Path::as_str)
            .collect();
        assert_eq!(ignored, ["a.log", "link/b.log", "logs/x", "two\nlines.log", "ä \"b\".log"]);
    }
}
