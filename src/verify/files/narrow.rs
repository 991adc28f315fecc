//! Build scripts that see far more than they read: what config.toml may say so that fewer edits run them again.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use toml_edit::{Array, Key};

use super::cure::gathered;
use super::given::Given;
use super::seen::Seen;
use crate::config::RelativePath;

/// A script that leaves fewer files than this alone needs no line in a configuration.
const MARGIN: usize = 10;

/// `[override.PACKAGE] script-files`, as it could be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Narrower {
    /// The step.
    pub step: String,
    /// Its package.
    pub package: String,
    /// How many files the step sees.
    pub sees: usize,
    /// How many of them it used.
    pub uses: usize,
    /// What is enough for it.
    pub script_files: Vec<String>,
}

impl Narrower {
    /// What it is about.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!(
            "{} used {} of the {} files that it sees; an edit of the others need not run it again, if you \
             know that it never reads them:",
            self.step, self.uses, self.sees
        )
    }

    /// The lines of config.toml.
    #[must_use]
    pub fn lines(&self) -> String {
        let files: Array = self.script_files.iter().map(String::as_str).collect();
        format!("    [override.{}]\n    script-files = {files}\n", Key::new(&self.package))
    }
}

/// What a run used of the files that it was `given`: what it read, listed or asked for, and what its words
/// name. Nothing where it used its package's directory, `package`, as a whole, or nearly all of it.
#[must_use]
pub fn of_run(
    (root, package): (&Utf8Path, &Utf8Path),
    seen: &Seen,
    stdout: &[u8],
    given: &Given,
) -> Option<(usize, usize, Vec<String>)> {
    let sees = given.count(|_| true);
    let whole = |dir: &Utf8Path| package.starts_with(dir);
    if seen.listed.iter().any(|dir| whole(dir)) {
        return None;
    }
    let words = named(package, stdout);
    if words.iter().any(|path| whole(path)) {
        return None;
    }
    let manifest = package.join("Cargo.toml");
    let asked = seen.asked.iter().filter(|path| !whole(path));
    let all: BTreeSet<&Utf8PathBuf> =
        seen.read.iter().chain(&seen.listed).chain(asked).chain(&words).collect();
    // A directory that was asked for, and of which something else was used, comes with that.
    let is_above = |path: &Utf8PathBuf| {
        !seen.listed.contains(path)
            && !words.contains(path)
            && all.iter().any(|other| *other != path && other.starts_with(path))
    };
    let used: BTreeSet<&Utf8PathBuf> = all
        .iter()
        .copied()
        .filter(|path| **path != manifest && given.has(path) && !is_above(path))
        .collect();
    let uses =
        given.count(|file| *file == manifest || used.iter().any(|path| file.starts_with(path)));
    if sees < uses + MARGIN {
        return None;
    }
    let texts: Option<Vec<&str>> = used
        .iter()
        .map(|path| {
            let text = path.strip_prefix(root).ok()?.as_str();
            RelativePath::new(text).is_ok().then_some(text)
        })
        .collect();
    Some((sees, uses, gathered(&texts?.into_iter().collect())))
}

/// What of the disk a script's words name, from the package's directory: they are handed on.
fn named(package: &Utf8Path, stdout: &[u8]) -> BTreeSet<Utf8PathBuf> {
    let text = String::from_utf8_lossy(stdout);
    let words = text.split(|c: char| c.is_whitespace() || "=:,;\"'".contains(c));
    let is_there = |word: &&str| !word.is_empty() && package.join(word).exists();
    words.filter(is_there).map(|word| super::given::normal(&package.join(word))).collect()
}
