//! The lines of nix.conf that cure what was found, and the file that they belong in.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Facts, Finding};

/// How the cure begins that is a line of nix.conf.
pub(super) const ADD: &str = "add to nix.conf: ";

/// What stands above the lines that were added.
pub const MARK: &str = "# For rbn-plan (doctor --fix):";

/// Who reads the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// This file, which may be written here.
    File(Utf8PathBuf),
    /// This file, which only root may write: its daemon builds for all.
    Root(Utf8PathBuf),
}

/// The lines that cure findings, as they stand in nix.conf, each once.
#[must_use]
pub fn lines(findings: &[Finding]) -> Vec<String> {
    let cures = findings.iter().filter_map(|finding| finding.cure.as_deref());
    let mut lines: Vec<String> = Vec::new();
    for line in cures.filter_map(|cure| cure.strip_prefix(ADD)) {
        // What is switched on already stays so.
        let line = match line.strip_prefix("experimental-features") {
            Some(rest) => format!("extra-experimental-features{rest}"),
            None => line.to_owned(),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The file that counts: that of the machine where root or a daemon builds, else that of the user.
/// `machine` and `user` are the directories of the two.
#[must_use]
pub fn target(facts: &Facts, machine: &Utf8Path, user: &Utf8Path) -> Target {
    let name = "nix.conf";
    match (facts.root, facts.daemon) {
        (true, _) => Target::File(machine.join(name)),
        (false, true) => Target::Root(machine.join(name)),
        (false, false) => Target::File(user.join(name)),
    }
}

/// The file's text with the lines at its end.
#[must_use]
pub fn added(before: &str, lines: &[String]) -> String {
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    format!("{before}{gap}{MARK}\n{}\n", lines.join("\n"))
}
