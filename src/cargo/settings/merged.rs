//! What Cargo says its configuration is: `cargo config get`.
//!
//! Cargo merges its files, their `include`s and `--config` by rules of its own, which grow from
//! version to version. So it is asked, and prints each value with the place that it comes from. The
//! environment is not in the answer: that is [`super::lookup`]'s part.
//!
//! The command is not stable yet; it is reached as the unit graph is, by `RUSTC_BOOTSTRAP`.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use toml_edit::{Document, Item, Value};

use super::asked::Asked;
use crate::cargo::error::CargoError;
use crate::cargo::{home, paths, process};

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In a configuration file that Cargo finds, or in one that such a file includes.
    File(Utf8PathBuf),
    /// In a variable of the environment.
    Variable(String),
    /// In a `--config` of the command line: in a file, or in the flag itself.
    CommandLine(Option<Utf8PathBuf>),
}

impl Origin {
    /// The weakest is 0; values of one rank are joined in Cargo's order of files.
    ///
    /// Source: `Definition::is_higher_priority` of Cargo 1.95.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::File(_) => 0,
            Self::Variable(_) => 1,
            Self::CommandLine(_) => 2,
        }
    }

    /// The directory that a path of this origin starts from: the one above `.cargo`, else `current`.
    ///
    /// Source: `Definition::root` of Cargo 1.95.
    #[must_use]
    pub fn root<'a>(&'a self, current: &'a Utf8Path) -> &'a Utf8Path {
        match self {
            Self::File(path) | Self::CommandLine(Some(path)) => {
                path.parent().and_then(Utf8Path::parent).unwrap_or(current)
            }
            Self::Variable(_) | Self::CommandLine(None) => current,
        }
    }
}

/// A value without values below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// A text, a number or a truth value, as text.
    Text(String, Origin),
    /// A list, each of its texts with its own origin.
    List(Vec<(String, Origin)>),
}

/// The merged configuration: leaves by the keys that lead to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    leaves: BTreeMap<Vec<String>, Leaf>,
}

impl Merged {
    /// Asks Cargo; a place without any configuration needs no asking.
    ///
    /// # Errors
    /// What Cargo says of files that it cannot read or merge.
    pub fn ask(asked: &Asked<'_>) -> Result<Self, CargoError> {
        if asked.flags.is_empty() && !has_file(asked.dir) {
            return Ok(Self::default());
        }
        let mut command = process::without_compiler(asked.cargo, asked.dir);
        command.args(asked.flags).args(["config", "get", "--format=toml", "--show-origin"]);
        command.arg("-Zunstable-options").env("RUSTC_BOOTSTRAP", "1");
        let printed = process::output(command)?;
        let text = String::from_utf8(printed).map_err(|error| unreadable(error.to_string()))?;
        let files = asked.named_files();
        parse(&text, &files)
    }

    /// The leaf at `path`.
    #[must_use]
    pub fn leaf<S: AsRef<str>>(&self, path: &[S]) -> Option<&Leaf> {
        let path: Vec<String> = path.iter().map(|key| key.as_ref().to_owned()).collect();
        self.leaves.get(&path)
    }

    /// The keys directly below `path`.
    #[must_use]
    pub fn keys<S: AsRef<str>>(&self, path: &[S]) -> BTreeSet<&str> {
        self.below(path).filter_map(|(keys, _)| keys.get(path.len())).map(String::as_str).collect()
    }

    /// The leaves at and below `path`, by their whole path.
    pub fn below<S: AsRef<str>>(&self, path: &[S]) -> impl Iterator<Item = (&[String], &Leaf)> {
        let path: Vec<String> = path.iter().map(|key| key.as_ref().to_owned()).collect();
        let leaves = self.leaves.iter().map(|(keys, leaf)| (keys.as_slice(), leaf));
        leaves.filter(move |(keys, _)| keys.starts_with(&path))
    }
}

/// Whether Cargo finds a configuration file from `dir`.
fn has_file(dir: &Utf8Path) -> bool {
    let folders = dir.ancestors().map(|dir| dir.join(".cargo")).chain(home());
    folders
        .into_iter()
        .any(|folder| ["config", "config.toml"].iter().any(|name| folder.join(name).is_file()))
}

fn unreadable(reason: String) -> CargoError {
    CargoError::Answer { command: "cargo config get".to_owned(), reason }
}

/// Reads what Cargo printed; `named` are the files that `--config` names.
///
/// # Errors
/// [`CargoError::Answer`] for what is not TOML with an origin behind each value.
pub fn parse(text: &str, named: &BTreeSet<Utf8PathBuf>) -> Result<Merged, CargoError> {
    let document = Document::parse(text).map_err(|error| unreadable(error.to_string()))?;
    let mut merged = Merged::default();
    let mut path = Vec::new();
    for (key, item) in document.as_table() {
        path.push(key.to_owned());
        add(&mut merged, &mut path, item, text, named)?;
        path.pop();
    }
    Ok(merged)
}

fn add(
    merged: &mut Merged,
    path: &mut Vec<String>,
    item: &Item,
    text: &str,
    named: &BTreeSet<Utf8PathBuf>,
) -> Result<(), CargoError> {
    if let Some(table) = item.as_table_like() {
        for (key, item) in table.iter() {
            path.push(key.to_owned());
            add(merged, path, item, text, named)?;
            path.pop();
        }
        return Ok(());
    }
    let Some(value) = item.as_value() else { return Ok(()) };
    let origin = |value: &Value| {
        let end = value.span().map_or(text.len(), |span| span.end);
        let line = text.get(end..).unwrap_or_default().lines().next().unwrap_or_default();
        let (_, place) = line
            .split_once("# ")
            .ok_or_else(|| unreadable(format!("`{}` has no origin", path.join("."))))?;
        Ok::<_, CargoError>(origin_of(place.trim(), named))
    };
    let leaf = match value {
        Value::Array(items) => {
            let items = items.iter().map(|item| Ok((plain(item), origin(item)?)));
            Leaf::List(items.collect::<Result<_, CargoError>>()?)
        }
        other => Leaf::Text(plain(other), origin(other)?),
    };
    merged.leaves.insert(path.clone(), leaf);
    Ok(())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.value().clone(),
        Value::Integer(number) => number.value().to_string(),
        Value::Boolean(truth) => truth.value().to_string(),
        other => other.to_string().trim().to_owned(),
    }
}

/// Source: how Cargo 1.95 shows a `Definition`.
fn origin_of(place: &str, named: &BTreeSet<Utf8PathBuf>) -> Origin {
    if place == "--config cli option" {
        return Origin::CommandLine(None);
    }
    if let Some(name) = place.strip_prefix("environment variable `") {
        return Origin::Variable(name.trim_end_matches('`').to_owned());
    }
    let path = Utf8PathBuf::from(place);
    match named.contains(&paths::normal(&path)) {
        true => Origin::CommandLine(Some(path)),
        false => Origin::File(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> Origin {
        Origin::File(path.into())
    }

    #[test]
    fn each_value_has_its_origin() {
        let text = "build.rustflags = [\n    \"--cfg\", # /w/.cargo/extra.toml\n    \"a # b\", # --config cli option\n]\n\
            env.A.relative = true # /w/.cargo/config.toml\n\
            env.\"X Y\" = \"\"\"\na\nb # c\"\"\" # /h/more.toml\n\
            env.NONE = []\n\
            # The following environment variables may affect the loaded values.\n";
        let merged =
            parse(text, &BTreeSet::from(["/h/more.toml".into()])).expect("as Cargo prints it");
        let flags = [("--cfg", file("/w/.cargo/extra.toml")), ("a # b", Origin::CommandLine(None))];
        let flags = flags.map(|(flag, origin)| (flag.to_owned(), origin)).to_vec();
        assert_eq!(merged.leaf(&["build", "rustflags"]), Some(&Leaf::List(flags)));
        let truth = Leaf::Text("true".to_owned(), file("/w/.cargo/config.toml"));
        assert_eq!(merged.leaf(&["env", "A", "relative"]), Some(&truth));
        let lines = Origin::CommandLine(Some("/h/more.toml".into()));
        let lines = Leaf::Text("a\nb # c".to_owned(), lines);
        assert_eq!(merged.leaf(&["env", "X Y"]), Some(&lines));
        assert_eq!(merged.keys(&["env"]).into_iter().collect::<Vec<_>>(), ["A", "NONE", "X Y"]);
    }

    #[test]
    fn a_value_without_origin_is_not_understood() {
        assert!(parse("a = 1\n", &BTreeSet::new()).is_err());
    }
}
