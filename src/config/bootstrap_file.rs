//! `bootstrap.toml`, the configuration of rustc's own build: names and places. What a key does is said
//! where it does it; here is held that there is such a key, and where its value stands.

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Value};

use super::invalid::Invalid;
use super::keys::bootstrap::names;
use super::parse::Lines;
use super::problem::{ConfigError, Fault, Place, Problem};
use super::raw_value::dotted;
use crate::text::excerpt::Excerpt;
use crate::text::spelling;

/// A file, with all that it sets.
#[derive(Clone, Debug)]
pub struct BootstrapFile {
    /// Its name for people.
    pub path: Utf8PathBuf,
    text: String,
    /// What it sets, in its order.
    pub entries: Vec<BootstrapEntry>,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct BootstrapEntry {
    /// The key's parts: `target`, a triple, `cc`.
    pub key: Vec<String>,
    /// The value, of whatever type.
    pub value: Value,
    /// The line, from 1.
    pub line: usize,
    place: Range<usize>,
}

impl BootstrapEntry {
    /// The key as TOML spells it.
    #[must_use]
    pub fn written(&self) -> String {
        dotted(&self.key)
    }
}

impl BootstrapFile {
    /// Reads `text`, which is called `path`.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] with every place that is no TOML or names no key.
    pub fn parse(path: &Utf8Path, text: &str) -> Result<Self, ConfigError> {
        let mut file = Self { path: path.to_owned(), text: text.to_owned(), entries: Vec::new() };
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut problems: Vec<Problem> = Vec::new();
        for error in errors {
            let what = match error.message() {
                "duplicate key" => Fault::Duplicate,
                message => Fault::Syntax { message: message.to_owned() },
            };
            problems.push(Problem { what, place: Place::Span(error.span().unwrap_or(0..0)) });
        }
        if problems.is_empty() {
            let lines = Lines::of(text);
            let mut walk =
                Walk { lines: &lines, entries: &mut file.entries, problems: &mut problems };
            walk.table("", &[], root.get_ref());
        }
        match problems.is_empty() {
            true => Ok(file),
            false => Err(file.invalid(problems)),
        }
    }

    /// The entry of a key.
    #[must_use]
    pub fn entry(&self, key: &[&str]) -> Option<&BootstrapEntry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Says that a value cannot be had in a plan, why, and what to do.
    #[must_use]
    pub fn refuse(&self, entry: &BootstrapEntry, reason: &str, cure: &str) -> ConfigError {
        let why = Invalid::NoPlan { reason: reason.to_owned(), cure: cure.to_owned() };
        let what = Fault::BadValue { key: entry.written(), why };
        self.invalid(vec![Problem { what, place: Place::Span(entry.place.clone()) }])
    }

    /// Says that a value is none of `words`.
    #[must_use]
    pub fn none_of(&self, entry: &BootstrapEntry, text: &str, words: &[&str]) -> ConfigError {
        let near = spelling::nearest(text, words.iter().copied()).map(str::to_owned);
        let why = Invalid::Word { text: text.to_owned(), words: words.join(", "), near };
        let what = Fault::BadValue { key: entry.written(), why };
        self.invalid(vec![Problem { what, place: Place::Span(entry.place.clone()) }])
    }

    /// Says that a value is of another type than `expected`.
    #[must_use]
    pub fn mistyped(&self, entry: &BootstrapEntry, expected: &'static str) -> ConfigError {
        let found = match entry.value {
            Value::String(_) => "a string",
            Value::Integer(_) => "an integer",
            Value::Float(_) => "a float",
            Value::Boolean(_) => "a boolean",
            Value::Datetime(_) => "a date",
            Value::Array(_) => "an array",
            Value::Table(_) => "a table",
        };
        let what = Fault::WrongType { key: entry.written(), expected, found };
        self.invalid(vec![Problem { what, place: Place::Span(entry.place.clone()) }])
    }

    fn invalid(&self, problems: Vec<Problem>) -> ConfigError {
        let source_code = Excerpt::new(self.path.clone(), self.text.clone());
        ConfigError::Invalid { source_code, total: problems.len(), problems }
    }
}

struct Walk<'w> {
    lines: &'w Lines,
    entries: &'w mut Vec<BootstrapEntry>,
    problems: &'w mut Vec<Problem>,
}

impl Walk<'_> {
    /// `section` is the table's name in the list of names, `above` as it was written.
    fn table(&mut self, section: &str, above: &[String], table: &DeTable<'_>) {
        let known = names(section);
        for (name, value) in table.iter() {
            let mut key = above.to_vec();
            key.push(name.get_ref().to_string());
            if section == "target" {
                match value.get_ref() {
                    DeValue::Table(below) => self.table("target.<triple>", &key, below),
                    _ => self.wrong(&key, "a table", value),
                }
                continue;
            }
            if !known.contains(&name.get_ref().as_ref()) {
                let near = spelling::nearest(name.get_ref(), known.iter().copied());
                let suggestion = near.map(|near| {
                    let mut parts = above.to_vec();
                    parts.push(near.to_owned());
                    dotted(&parts)
                });
                let what = Fault::UnknownKey { key: dotted(&key), suggestion };
                self.problems.push(Problem { what, place: Place::Span(name.span()) });
                continue;
            }
            let is_section = above.is_empty()
                && (name.get_ref() == "target" || !names(name.get_ref()).is_empty());
            match value.get_ref() {
                DeValue::Table(below) if is_section => self.table(name.get_ref(), &key, below),
                _ if is_section => self.wrong(&key, "a table", value),
                other => self.entries.push(BootstrapEntry {
                    key,
                    value: owned(other),
                    line: self.lines.line(name.span().start),
                    place: value.span(),
                }),
            }
        }
    }

    fn wrong(&mut self, key: &[String], expected: &'static str, value: &Spanned<DeValue<'_>>) {
        let found = "no table";
        let what = Fault::WrongType { key: dotted(key), expected, found };
        self.problems.push(Problem { what, place: Place::Span(value.span()) });
    }
}

fn owned(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(on) => Value::Boolean(*on),
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            i64::from_str_radix(&digits, number.radix())
                .map_or_else(|_| Value::String(number.to_string()), Value::Integer)
        }
        DeValue::Float(number) => Value::String(number.to_string()),
        DeValue::Datetime(date) => Value::Datetime(*date),
        DeValue::Array(items) => {
            Value::Array(items.iter().map(|item| owned(item.get_ref())).collect())
        }
        DeValue::Table(table) => {
            let entries = table.iter();
            let owned = entries.map(|(name, v)| (name.get_ref().to_string(), owned(v.get_ref())));
            Value::Table(owned.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BootstrapFile;

    fn refused(text: &str) -> String {
        let error = BootstrapFile::parse("bootstrap.toml".into(), text).expect_err("refused");
        let report = miette::Report::new(error);
        format!("{report:?}")
    }

    #[test]
    fn every_key_of_a_usual_file_is_known() {
        let text = "change-id = 1\nprofile = 'compiler'\n[build]\nrustc = 'r'\n[rust]\nlto = 'off'\n\
                    [target.x86_64-unknown-linux-gnu]\nllvm-config = 'l'\ncc = 'c'\n";
        let file = BootstrapFile::parse("bootstrap.toml".into(), text).expect("keys");
        let keys: Vec<String> = file.entries.iter().map(|entry| entry.written()).collect();
        let target = "target.x86_64-unknown-linux-gnu";
        let own = [format!("{target}.llvm-config"), format!("{target}.cc")];
        for key in ["change-id", "profile", "build.rustc", "rust.lto"]
            .iter()
            .map(ToString::to_string)
            .chain(own)
        {
            assert!(keys.contains(&key), "{key} of {keys:?}");
        }
        assert_eq!(file.entry(&["rust", "lto"]).map(|entry| entry.line), Some(6));
    }

    #[test]
    fn a_slip_is_told_with_what_may_be_meant() {
        assert!(refused("[rust]\nchanel = 'dev'\n").contains("did you mean `rust.channel`?"));
        assert!(refused("[target.x]\nllvm-confg = 'l'\n").contains("target.x.llvm-config"));
        assert!(refused("[buidl]\n").contains("did you mean `build`?"));
        assert!(refused("rust = 3\n").contains("expected a table"));
        assert!(refused("[rust\n").contains("not TOML"));
    }
}
