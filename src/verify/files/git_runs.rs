//! What `git` reads while it looks at a repository: nothing that a step could be given, which has none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Directories that version control keeps for itself.
pub const VERSION_CONTROL: [&str; 8] =
    [".git", ".hg", ".jj", ".svn", ".bzr", ".pijul", "_darcs", "CVS"];

/// Files of a source tree that are written for Git alone.
const FOR_GIT: [&str; 4] = [".gitignore", ".gitattributes", ".gitmodules", ".mailmap"];

/// Whether a path lies in a directory of version control.
#[must_use]
pub fn is_version_control(path: &Path) -> bool {
    path.iter().any(|part| VERSION_CONTROL.iter().any(|name| part == *name))
}

/// The processes of `git`, each run with those that it starts.
#[derive(Debug, Default)]
pub struct GitRuns<'t> {
    /// By process, which run it is of.
    of: BTreeMap<&'t str, usize>,
    /// By run, the files that were read.
    read: Vec<BTreeSet<String>>,
}

impl<'t> GitRuns<'t> {
    /// The run that a process is of.
    pub fn of(&self, process: &str) -> Option<usize> {
        self.of.get(process).copied()
    }

    /// A process runs another program now.
    pub fn started(&mut self, process: &'t str, program: &str) {
        let is_git = Path::new(program).file_name().is_some_and(|name| name == "git");
        if is_git && !self.of.contains_key(process) {
            self.of.insert(process, self.read.len());
            self.read.push(BTreeSet::new());
        }
    }

    /// A process made another.
    pub fn born(&mut self, parent: &str, child: &'t str) {
        if let Some(run) = self.of(parent) {
            self.of.insert(child, run);
        }
    }

    /// A run read a file.
    pub fn read(&mut self, run: usize, path: String) {
        self.read[run].insert(path);
    }

    /// What is read as any program would read it: `git apply` needs its patch. Whoever reads the index
    /// compares the whole tree with it (`describe --dirty`, `status`).
    pub fn files(self) -> impl Iterator<Item = String> {
        let compares =
            |read: &BTreeSet<String>| read.iter().any(|path| path.ends_with("/.git/index"));
        let is_for_git = |path: &Path| {
            let name = path.file_name().unwrap_or_default();
            is_version_control(path) || FOR_GIT.iter().any(|known| name == *known)
        };
        let runs = self.read.into_iter().filter(move |read| !compares(read));
        runs.flatten().filter(move |path| !is_for_git(Path::new(path)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::trace::parse;

    fn read(text: &str) -> Vec<String> {
        parse(text, "/ws").read.into_iter().collect()
    }

    #[test]
    fn a_look_at_the_repository_reads_nothing() {
        let trace = parse(
            r#"7 clone(child_stack=NULL, flags=SIGCHLD) = 8
8 execve("/usr/bin/git", ["git", "describe"], 0x7ffd /* 35 vars */) = 0
8 openat(AT_FDCWD</ws>, ".git/index", O_RDONLY) = 3</ws/.git/index>
8 newfstatat(AT_FDCWD</ws>, "README.md", {st_mode=S_IFREG|0644, ...}, 0) = 0
8 clone(child_stack=NULL, flags=SIGCHLD) = 9
9 openat(AT_FDCWD</ws>, "src/main.rs", O_RDONLY) = 3</ws/src/main.rs>
7 openat(AT_FDCWD</ws>, "build.rs", O_RDONLY) = 3</ws/build.rs>
"#,
            "/ws",
        );
        assert_eq!(trace.read.into_iter().collect::<Vec<_>>(), ["/usr/bin/git", "/ws/build.rs"]);
        assert!(trace.asked.is_empty() && trace.ran.contains("/usr/bin/git"));
    }

    #[test]
    fn a_patch_is_read() {
        let found = read(
            r#"8 execve("/usr/bin/git", ["git", "apply"], 0x7ffd /* 35 vars */) = 0
8 openat(AT_FDCWD</ws>, ".git/config", O_RDONLY) = 3</ws/.git/config>
8 openat(AT_FDCWD</ws>, "fix.patch", O_RDONLY) = 3</ws/fix.patch>
"#,
        );
        assert_eq!(found, ["/usr/bin/git", "/ws/fix.patch"]);
    }
}
