//! Files and directories that are not where a program looked.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::lack::Lack;
use crate::review::graph::Node;

/// How programs say that a file is not there, in lower case.
const SAID: [&str; 8] = [
    "no such file or directory",
    "does not exist",
    "doesn't exist",
    "is not a directory",
    "not a directory",
    "could not find",
    "cannot find",
    "not found",
];

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A file of the workspace, by its path from the root.
    Workspace(Utf8PathBuf),
    /// Something of the machine, outside of what is built.
    Machine(Utf8PathBuf),
    /// Something that the build itself makes or unpacks.
    Sandbox,
}

/// The file that a line says is missing.
pub(super) fn named(line: &str) -> Option<Lack> {
    // rustc looks for names in code, too, and says what it did not find in the same words.
    if line.starts_with("error[E") {
        return None;
    }
    let lower = line.to_ascii_lowercase();
    let said = SAID.iter().find(|words| lower.contains(**words))?;
    let at = lower.find(said)?;
    // Lower case of other letters may have another length.
    let before = line.get(..at).unwrap_or(line).trim_end_matches([':', ' ', ',', '(']);
    let after = line.get(at + said.len()..).unwrap_or_default();
    let name = quoted(before)
        .or_else(|| path_like(last_word(before)))
        .or_else(|| quoted(after))
        .or_else(|| after.split_whitespace().find_map(path_like))?;
    Some(Lack::File(name.into()))
}

/// Whether a word is a path: it has a separator, or an ending.
fn path_like(word: &str) -> Option<&str> {
    let word = word.trim_matches(|c: char| "\"'`,;:()[]{}<>‘’“”".contains(c));
    let ending = Utf8Path::new(word).extension().is_some_and(|ending| {
        ending.len() <= 6 && ending.starts_with(|c: char| c.is_ascii_alphabetic())
    });
    let is_address = word.contains("://");
    (!is_address && !word.contains("::") && (word.contains('/') && word.len() > 1 || ending))
        .then_some(word)
}

/// The last text between quotation marks that is a path.
fn quoted(text: &str) -> Option<&str> {
    let marks = [('`', '`'), ('"', '"'), ('\'', '\''), ('‘', '’'), ('“', '”')];
    let found = marks.iter().filter_map(|(open, close)| {
        let end = text.rfind(*close)?;
        let start = text[..end].rfind(*open)? + open.len_utf8();
        Some((start, path_like(&text[start..end])?))
    });
    found.max_by_key(|(start, _)| *start).map(|(_, word)| word)
}

/// The first text between two of `mark`.
pub(super) fn between(text: &str, mark: char) -> Option<&str> {
    let rest = text.split_once(mark)?.1;
    rest.split_once(mark).map(|(inside, _)| inside)
}

/// The last word of a text.
pub(super) fn last_word(text: &str) -> &str {
    text.rsplit([' ', '\t']).next().unwrap_or(text).trim_end_matches(':')
}

/// Where a path leads that a step of a package in `dir` of the workspace named.
pub(super) fn in_workspace(node: &Node<'_>, dir: &Utf8Path, path: &Utf8Path) -> Place {
    let place = Utf8Path::new(&node.step.sources.place);
    // The root lies as far above the package as the package's directory is deep.
    let root = match dir.components().any(|part| part == Utf8Component::ParentDir) {
        true => None,
        false => place.ancestors().nth(dir.components().count()),
    };
    let whole = normal(&Utf8Path::new(&node.step.cwd).join(path));
    match root.and_then(|root| whole.strip_prefix(root).ok()) {
        Some(inside) if !inside.as_str().is_empty() => Place::Workspace(inside.to_owned()),
        _ if whole.starts_with("/build") || whole.starts_with("/nix") => Place::Sandbox,
        _ => Place::Machine(whole),
    }
}

/// A path without `.` and `..`.
fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut normal = Utf8PathBuf::new();
    for part in path.components() {
        match part {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}
