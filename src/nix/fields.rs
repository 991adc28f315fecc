//! A plan's facts, ready for printing: one value a line, defaults left out.

use serde::Serialize;

use crate::nix::escape;

/// How long a line of a packed list may be, in bytes, without its indentation.
const PACKED_WIDTH: usize = 90;

/// One fact: a name and a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The attribute's name.
    pub name: String,
    #[serde(flatten)]
    value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Value {
    Text { value: String },
    Bare { value: String },
    List { items: Vec<String> },
    Packed { lines: Vec<String> },
    Attrs { entries: Vec<Entry> },
    Set { entries: Vec<Entry> },
}

/// A name and a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The attribute's name.
    pub name: String,
    /// The text.
    pub value: String,
}

/// A list of facts in the making. What is empty or a default is not stated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Fields(Vec<Field>);

impl Fields {
    fn push(&mut self, name: &str, value: Value) {
        self.0.push(Field { name: name.to_owned(), value });
    }

    /// States a text.
    pub fn text(&mut self, name: &str, value: impl Into<String>) {
        self.push(name, Value::Text { value: value.into() });
    }

    /// States a text unless it is empty.
    pub fn some_text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.text(name, value);
        }
    }

    /// States `name = true`, if it is.
    pub fn yes(&mut self, name: &str, value: bool) {
        if value {
            self.bare(name, "true");
        }
    }

    /// States a number or truth value.
    pub fn bare(&mut self, name: &str, value: impl ToString) {
        self.push(name, Value::Bare { value: value.to_string() });
    }

    /// States a list unless it is empty.
    pub fn list<T: ToString>(&mut self, name: &str, items: impl IntoIterator<Item = T>) {
        let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
        if !items.is_empty() {
            self.push(name, Value::List { items });
        }
    }

    /// States a list unless it is empty, several items a line: for what a reviewer rarely reads.
    pub fn packed<T: AsRef<str>>(&mut self, name: &str, items: impl IntoIterator<Item = T>) {
        let mut lines: Vec<String> = Vec::new();
        for item in items {
            let item = escape::string(item.as_ref());
            match lines.last_mut() {
                Some(line) if line.len() + item.len() < PACKED_WIDTH => {
                    line.push(' ');
                    line.push_str(&item);
                }
                _ => lines.push(item),
            }
        }
        if !lines.is_empty() {
            self.push(name, Value::Packed { lines });
        }
    }

    /// States each item as `name.item = true`: one more or fewer is one line, the first one too.
    pub fn set<T: ToString>(&mut self, name: &str, items: impl IntoIterator<Item = T>) {
        let entries = entries_of(items.into_iter().map(|item| (item, "")));
        if !entries.is_empty() {
            self.push(name, Value::Set { entries });
        }
    }

    /// States each entry of a set as `name.entry = value`.
    pub fn attrs<K: ToString, V: ToString>(
        &mut self,
        name: &str,
        entries: impl IntoIterator<Item = (K, V)>,
    ) {
        let entries = entries_of(entries);
        if !entries.is_empty() {
            self.push(name, Value::Attrs { entries });
        }
    }
}

/// Pairs as entries.
pub fn entries_of<K: ToString, V: ToString>(pairs: impl IntoIterator<Item = (K, V)>) -> Vec<Entry> {
    pairs
        .into_iter()
        .map(|(name, value)| Entry { name: name.to_string(), value: value.to_string() })
        .collect()
}
