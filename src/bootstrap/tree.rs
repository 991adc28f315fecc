//! A source tree of the Rust compiler, as far as it says how it is built.

use camino::{Utf8Path, Utf8PathBuf};

use super::error::BootstrapError;
use crate::files::reader;

/// The tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Its root, absolute.
    pub root: Utf8PathBuf,
    /// `src/version`.
    pub version: String,
    /// The version of the compiler that it is built with first (`src/stage0`).
    pub stage0: String,
    /// Crates whose code may be loaded later, because macros use them, by the list that x.py's shim has.
    pub load_late: Vec<String>,
    /// The channel of the tree (`src/ci/channel`), where it says one.
    pub channel: Option<String>,
    /// The commit, where it is a release's archive that says it.
    pub archived: Option<Commit>,
}

/// A commit of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The whole hash.
    pub hash: String,
    /// As many digits of it as Git shows.
    pub short: String,
    /// The day.
    pub date: String,
}

const LOADS_LATE: &str = "src/bootstrap/src/utils/proc_macro_deps.rs";

impl Tree {
    /// Reads the tree at `root`.
    ///
    /// # Errors
    /// [`BootstrapError::NoTree`] and [`BootstrapError::TreeFile`]: something else is there.
    pub fn read(root: &Utf8Path) -> Result<Self, BootstrapError> {
        let text = |path: &'static str| match reader::text_if_there(root.join(path))? {
            Some(text) => Ok(text),
            None => Err(BootstrapError::NoTree { dir: root.to_owned(), missing: path }),
        };
        let missing = |path: &str, what| BootstrapError::TreeFile { path: root.join(path), what };
        let version = text("src/version")?.trim().to_owned();
        if version.split('.').count() != 3 {
            return Err(missing("src/version", "version such as `1.96.0`"));
        }
        let stage0 = text("src/stage0")?;
        let stage0 = stage0.lines().find_map(|line| line.strip_prefix("compiler_version="));
        let stage0 = stage0.ok_or_else(|| missing("src/stage0", "line `compiler_version=`"))?;
        for path in ["compiler/rustc/Cargo.toml", "library/sysroot/Cargo.toml"] {
            if !root.join(path).is_file() {
                return Err(BootstrapError::NoTree { dir: root.to_owned(), missing: path });
            }
        }
        let load_late = listed(&text(LOADS_LATE)?);
        if load_late.is_empty() {
            return Err(missing(LOADS_LATE, "list of crates"));
        }
        let channel = reader::text_if_there(root.join("src/ci/channel"))?;
        let archived = reader::text_if_there(root.join("git-commit-info"))?;
        Ok(Self {
            root: root.to_owned(),
            stage0: stage0.trim().to_owned(),
            load_late,
            channel: channel.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
            archived: archived.as_deref().and_then(commit),
            version,
        })
    }
}

/// The strings of a Rust list, a line each.
fn listed(text: &str) -> Vec<String> {
    let quoted = |line: &str| {
        let name = line.trim().strip_prefix('"')?.strip_suffix("\",")?;
        Some(name.to_owned())
    };
    text.lines().filter_map(quoted).collect()
}

/// Hash, short hash and date, a line each.
fn commit(text: &str) -> Option<Commit> {
    let mut lines = text.lines().map(|line| line.trim().to_owned());
    Some(Commit { hash: lines.next()?, short: lines.next()?, date: lines.next()? })
}

#[cfg(test)]
mod tests {
    use super::{commit, listed};

    #[test]
    fn the_list_of_crates_is_read_as_it_stands() {
        let text = "/// x\npub static CRATES: &[&str] = &[\n    // begin\n    \"cfg-if\",\n    \"quote\",\n];\n";
        assert_eq!(listed(text), ["cfg-if", "quote"]);
        assert!(listed("pub static CRATES: &[&str] = &[];").is_empty());
    }

    #[test]
    fn an_archive_says_its_commit() {
        let found = commit("abcdef\nabc\n2026-05-01\n").expect("a commit");
        assert_eq!((found.short.as_str(), found.date.as_str()), ("abc", "2026-05-01"));
        assert!(commit("abcdef\n").is_none());
    }
}
