//! What rustc itself says of its inputs.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

/// A dep-info file.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DepInfo {
    /// The files, absolute.
    pub files: BTreeSet<Utf8PathBuf>,
    /// Variables that code asked for, with their values then.
    pub env: BTreeMap<String, Option<String>>,
}

impl DepInfo {
    /// Reads the text; paths count from `cwd`.
    #[must_use]
    pub fn parse(text: &str, cwd: &Utf8Path) -> Self {
        let mut info = Self::default();
        for line in text.lines() {
            if let Some(variable) = line.strip_prefix("# env-dep:") {
                let (name, value) = match variable.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (variable, None),
                };
                info.env.insert(name.to_owned(), value);
                continue;
            }
            // `made: this that`; `this:` alone keeps make from failing.
            if let Some((_, files)) = line.split_once(": ") {
                info.files.extend(words(files).into_iter().map(|word| cwd.join(word)));
            }
        }
        info
    }
}

/// Words between spaces; a space of a name is behind a backslash.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\\' if rest.peek() == Some(&' ') => word.extend(rest.next()),
            ' ' => found.push(std::mem::take(&mut word)),
            other => word.push(other),
        }
    }
    found.push(word);
    found.retain(|word| !word.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::DepInfo;

    #[test]
    fn files_and_variables() {
        let text = "/t/a.d: src/lib.rs data/my\\ file\n\nsrc/lib.rs:\ndata/my\\ file:\n\n# env-dep:A=x=y\n# env-dep:B\n";
        let info = DepInfo::parse(text, "/ws".into());
        let files: Vec<&str> = info.files.iter().map(|path| path.as_str()).collect();
        assert_eq!(files, ["/ws/data/my file", "/ws/src/lib.rs"]);
        assert_eq!(info.env["A"].as_deref(), Some("x=y"));
        assert_eq!(info.env["B"], None);
    }
}
