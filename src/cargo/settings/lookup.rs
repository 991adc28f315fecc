//! One value of the configuration, the environment counted in.
//!
//! Source: `ConfigKey`, `get_cv_with_env` and `get_env_list` of Cargo 1.95.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::merged::{Leaf, Merged, Origin};

/// The merged files, the environment, and the directory that Cargo runs in.
#[derive(Debug)]
pub struct Lookup {
    /// What Cargo says of its files and of `--config`.
    pub merged: Merged,
    /// The environment's variables, those that are text.
    pub variables: BTreeMap<String, String>,
    /// Where Cargo runs.
    pub dir: Utf8PathBuf,
}

impl Lookup {
    /// The text at `path`: of the command line, else of the environment, else of the files.
    #[must_use]
    pub fn text<S: AsRef<str>>(&self, path: &[S]) -> Option<(String, Origin)> {
        let variable = self.variable(&variable(path));
        let leaf = match self.merged.leaf(path) {
            Some(Leaf::Text(text, origin)) => Some((text.clone(), origin.clone())),
            _ => None,
        };
        match (leaf, variable) {
            (Some(leaf), Some(variable)) => {
                Some(if leaf.1.rank() > variable.1.rank() { leaf } else { variable })
            }
            (leaf, variable) => leaf.or(variable),
        }
    }

    /// The list at `path`, where anything sets it: of the files, then of the environment, then of
    /// the command line. A text is split at its spaces.
    #[must_use]
    pub fn list<S: AsRef<str>>(&self, path: &[S]) -> Option<Vec<(String, Origin)>> {
        self.list_with(path, &variable(path))
    }

    /// The same, where the variable has a name that the keys do not lead to.
    #[must_use]
    pub fn list_with<S: AsRef<str>>(
        &self,
        path: &[S],
        variable: &str,
    ) -> Option<Vec<(String, Origin)>> {
        let words = |(text, origin): (String, Origin)| -> Vec<(String, Origin)> {
            text.split_whitespace().map(|word| (word.to_owned(), origin.clone())).collect()
        };
        let leaf = self.merged.leaf(path).map(|leaf| match leaf {
            Leaf::Text(text, origin) => words((text.clone(), origin.clone())),
            Leaf::List(items) => items.clone(),
        });
        let variable = self.variable(variable).map(words);
        if leaf.is_none() && variable.is_none() {
            return None;
        }
        let mut items = leaf.unwrap_or_default();
        items.extend(variable.unwrap_or_default());
        items.sort_by_key(|(_, origin)| origin.rank());
        Some(items)
    }

    /// The program at `path`: a name is left to PATH, a path starts from where it is written.
    ///
    /// Source: `ConfigRelativePath::resolve_program` of Cargo 1.95.
    #[must_use]
    pub fn program<S: AsRef<str>>(&self, path: &[S]) -> Option<(String, Origin)> {
        let (text, origin) = self.text(path)?;
        let program = match text.contains('/') {
            true => lexical(&origin.root(&self.dir).join(&text)).into_string(),
            false => text,
        };
        Some((program, origin))
    }

    /// A variable of the environment.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<(String, Origin)> {
        let text = self.variables.get(name)?;
        Some((text.clone(), Origin::Variable(name.to_owned())))
    }
}

/// The variable that stands for `path`.
fn variable<S: AsRef<str>>(path: &[S]) -> String {
    let part = |key: &S| format!("_{}", key.as_ref().replace('-', "_").to_uppercase());
    format!("CARGO{}", path.iter().map(part).collect::<String>())
}

/// `path` without `.`, which says nothing.
fn lexical(path: &Utf8Path) -> Utf8PathBuf {
    path.components().collect()
}

/// The keys to a setting of a triple. Cargo takes a dot in it for the end of a key.
#[must_use]
pub fn of_triple<'a>(triple: &'a str, key: &'a str) -> Vec<&'a str> {
    let mut path = vec!["target"];
    path.extend(triple.split('.'));
    path.push(key);
    path
}
