//! `bootstrap.toml` with what it includes and the profile below it: the strongest first.
//!
//! Source: `postprocess_toml` and `TomlConfig::merge` of x.py 1.96: a file is stronger than what it includes,
//! of that the last is the strongest, and a profile of `src/bootstrap/defaults` is the weakest.

use camino::{Utf8Path, Utf8PathBuf};
use toml::Value;

use super::error::BootstrapError;
use super::tree::Tree;
use crate::config::ConfigError;
use crate::config::bootstrap_file::{BootstrapEntry, BootstrapFile};
use crate::files::reader;
use crate::text::spelling;

/// The file's name at the root of the tree.
pub const FILE_NAME: &str = "bootstrap.toml";

/// Its older name.
const OLD_NAME: &str = "config.toml";

/// Where profiles stand.
const PROFILES: &str = "src/bootstrap/defaults";

/// All files, the strongest first.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The strongest, where there is one.
    pub file: Option<Utf8PathBuf>,
    files: Vec<BootstrapFile>,
}

impl Layers {
    /// Reads the file that is `named`, else the one of the tree, where there is one.
    ///
    /// # Errors
    /// What is wrong in a file, or that one is not there.
    pub fn read(tree: &Tree, named: Option<&Utf8Path>) -> Result<Self, BootstrapError> {
        let own = [FILE_NAME, OLD_NAME].map(|name| tree.root.join(name));
        let path = named.map(Utf8Path::to_owned).or_else(|| own.into_iter().find(|p| p.is_file()));
        let mut layers = Self::default();
        if let Some(path) = path {
            let text = reader::text(&path)?;
            layers.file = Some(path.clone());
            let mut above = Vec::new();
            layers.add(tree, &path, &text, &mut above)?;
        }
        // The first profile that is named counts; a release's archive has one where none is.
        let named = layers.find(&["profile"]).map(|(file, entry)| (file.clone(), entry.clone()));
        match named {
            Some((file, entry)) => {
                let Value::String(name) = &entry.value else {
                    return Err(file.mistyped(&entry, "a string").into());
                };
                layers.profile(tree, name, Some((&file, &entry)))?;
            }
            None if tree.archived.is_some() => layers.profile(tree, "dist", None)?,
            None => {}
        }
        Ok(layers)
    }

    fn add(
        &mut self,
        tree: &Tree,
        path: &Utf8Path,
        text: &str,
        above: &mut Vec<Utf8PathBuf>,
    ) -> Result<(), BootstrapError> {
        let name = path.strip_prefix(&tree.root).unwrap_or(path);
        let file = BootstrapFile::parse(name, text)?;
        self.files.push(file.clone());
        above.push(path.to_owned());
        if let Some(entry) = file.entry(&["include"]) {
            let Value::Array(items) = &entry.value else {
                return Err(file.mistyped(entry, "a list of strings").into());
            };
            for item in items.iter().rev() {
                let Value::String(item) = item else {
                    return Err(file.mistyped(entry, "a list of strings").into());
                };
                let included = path.parent().unwrap_or(path).join(item);
                let real = included.canonicalize_utf8().unwrap_or_else(|_| included.clone());
                if above.contains(&real) || above.contains(&included) {
                    let reason = format!("`{item}` includes itself in turn");
                    return Err(file
                        .refuse(entry, &reason, "take it out of one of the two")
                        .into());
                }
                let Ok(text) = reader::text(&included) else {
                    return Err(BootstrapError::Include {
                        named_by: format!("{name}:{}", entry.line),
                        path: included,
                        cure: "an include is named from the directory of its file".to_owned(),
                    });
                };
                self.add(tree, &included, &text, above)?;
            }
        }
        above.pop();
        Ok(())
    }

    fn profile(
        &mut self,
        tree: &Tree,
        name: &str,
        named: Option<(&BootstrapFile, &BootstrapEntry)>,
    ) -> Result<(), BootstrapError> {
        let name = if name == "user" { "dist" } else { name };
        let dir = tree.root.join(PROFILES);
        let path = dir.join(format!("bootstrap.{name}.toml"));
        let Some(text) = reader::text_if_there(&path)? else {
            let entries = dir.read_dir_utf8().into_iter().flatten().flatten();
            let names: Vec<String> = entries
                .filter_map(|entry| {
                    let name = entry.file_name().strip_prefix("bootstrap.")?;
                    Some(name.strip_suffix(".toml")?.to_owned())
                })
                .collect();
            let mut words: Vec<&str> = names.iter().map(String::as_str).collect();
            words.sort_unstable();
            return Err(match named {
                Some((file, entry)) => file.none_of(entry, name, &words).into(),
                None => BootstrapError::Include {
                    named_by: "the tree of a release".to_owned(),
                    path,
                    cure: format!(
                        "name another profile{}",
                        spelling::nearest(name, words.into_iter())
                            .map(|near| format!(": `{near}`"))
                            .unwrap_or_default()
                    ),
                },
            });
        };
        let shown = path.strip_prefix(&tree.root).unwrap_or(&path);
        self.files.push(BootstrapFile::parse(shown, &text)?);
        Ok(())
    }

    /// The strongest value of a key, and the file that says it.
    #[must_use]
    pub fn find(&self, key: &[&str]) -> Option<(&BootstrapFile, &BootstrapEntry)> {
        self.files.iter().find_map(|file| Some((file, file.entry(key)?)))
    }

    /// All that counts, each key once.
    #[must_use]
    pub fn all(&self) -> Vec<(&BootstrapFile, &BootstrapEntry)> {
        let mut all: Vec<(&BootstrapFile, &BootstrapEntry)> = Vec::new();
        for file in &self.files {
            let known = |entry: &&BootstrapEntry| !all.iter().any(|(_, one)| one.key == entry.key);
            let own: Vec<_> =
                file.entries.iter().filter(known).map(|entry| (file, entry)).collect();
            all.extend(own);
        }
        all
    }

    /// A boolean.
    ///
    /// # Errors
    /// It is something else.
    pub fn flag(&self, key: &[&str]) -> Result<Option<bool>, ConfigError> {
        match self.find(key) {
            None => Ok(None),
            Some((file, entry)) => match entry.value {
                Value::Boolean(on) => Ok(Some(on)),
                _ => Err(file.mistyped(entry, "a boolean")),
            },
        }
    }

    /// A text.
    ///
    /// # Errors
    /// It is something else.
    pub fn text(&self, key: &[&str]) -> Result<Option<String>, ConfigError> {
        match self.find(key) {
            None => Ok(None),
            Some((file, entry)) => match &entry.value {
                Value::String(text) => Ok(Some(text.clone())),
                _ => Err(file.mistyped(entry, "a string")),
            },
        }
    }

    /// A list of texts.
    ///
    /// # Errors
    /// It is something else.
    pub fn texts(&self, key: &[&str]) -> Result<Option<Vec<String>>, ConfigError> {
        let Some((file, entry)) = self.find(key) else { return Ok(None) };
        let text = |item: &Value| item.as_str().map(str::to_owned);
        match &entry.value {
            Value::Array(items) => items
                .iter()
                .map(text)
                .collect::<Option<Vec<_>>>()
                .map(Some)
                .ok_or_else(|| file.mistyped(entry, "a list of strings")),
            _ => Err(file.mistyped(entry, "a list of strings")),
        }
    }

    /// A number.
    ///
    /// # Errors
    /// It is something else.
    pub fn number(&self, key: &[&str]) -> Result<Option<u32>, ConfigError> {
        match self.find(key) {
            None => Ok(None),
            Some((file, entry)) => match entry.value {
                Value::Integer(number) => match u32::try_from(number) {
                    Ok(number) => Ok(Some(number)),
                    Err(_) => Err(file.mistyped(entry, "a number that is not below 0")),
                },
                _ => Err(file.mistyped(entry, "a number")),
            },
        }
    }

    /// A text of `words`, or a boolean or a number in words.
    ///
    /// # Errors
    /// It is none of them.
    pub fn word(&self, key: &[&str], words: &[&str]) -> Result<Option<String>, ConfigError> {
        let Some((file, entry)) = self.find(key) else { return Ok(None) };
        let text = match &entry.value {
            Value::String(text) => text.clone(),
            Value::Boolean(on) => on.to_string(),
            Value::Integer(number) => number.to_string(),
            _ => return Err(file.mistyped(entry, "a string")),
        };
        match words.contains(&text.as_str()) {
            true => Ok(Some(text)),
            false => Err(file.none_of(entry, &text, words)),
        }
    }
}
