//! What git ignores, as far as there is a repository.

use std::process::{Command, Output};

use camino::Utf8Path;

/// The line of an ignore file by which git passes over `path`, if one does.
pub(super) fn by(dir: &Utf8Path, path: &str) -> Option<String> {
    let said = ask(dir, "-v", path).filter(|done| done.status.success())?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let place = said.split('\t').next()?.trim().to_owned();
    // A line that takes a file back is told, too.
    (!place.rsplit(':').next().unwrap_or_default().starts_with('!')).then_some(place)
}

/// Whether there is a repository, and it would take `path` in.
pub(super) fn is_taken(dir: &Utf8Path, path: &str) -> bool {
    // 1: ignored by no line; more: there is no repository.
    ask(dir, "-q", path).is_some_and(|done| done.status.code() == Some(1))
}

fn ask(dir: &Utf8Path, flag: &str, path: &str) -> Option<Output> {
    let mut git = Command::new("git");
    git.arg("-C").arg(dir).args(["-c", "core.fsmonitor=false", "check-ignore", flag, path]);
    git.output().ok()
}
