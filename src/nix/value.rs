//! Values that enter a derivation: texts that remember which store paths they name.
//!
//! Nix calls that memory a string's context. A derivation's inputs are the contexts of all its
//! attributes together, so a path may be pasted into any text and is never forgotten.

use std::collections::{BTreeMap, BTreeSet};

use nix_derivation::StorePath;
use serde::{Serialize, Serializer};

/// Something in the store that a text names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A file or directory that is in the store already.
    Source(StorePath),
    /// The output `out` of a derivation, by the derivation's path.
    Output(StorePath),
}

/// A text with its context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    text: String,
    references: BTreeSet<Reference>,
}

impl Text {
    /// A text that names `references`.
    #[must_use]
    pub fn naming(
        text: impl Into<String>,
        references: impl IntoIterator<Item = Reference>,
    ) -> Self {
        Self { text: text.into(), references: references.into_iter().collect() }
    }

    /// The path of a source as a text.
    #[must_use]
    pub fn source(path: &StorePath) -> Self {
        Self::naming(path.to_absolute_path(), [Reference::Source(path.clone())])
    }

    /// The characters alone.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it names.
    #[must_use]
    pub fn references(&self) -> &BTreeSet<Reference> {
        &self.references
    }

    /// This text with `tail` after it; the context stays.
    #[must_use]
    pub fn followed_by(mut self, tail: &str) -> Self {
        self.text.push_str(tail);
        self
    }

    /// `texts` with `separator` between them, naming all that they name.
    #[must_use]
    pub fn join<'a>(separator: &str, texts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut joined = Self::default();
        for (place, text) in texts.into_iter().enumerate() {
            if place > 0 {
                joined.text.push_str(separator);
            }
            joined.text.push_str(&text.text);
            joined.references.extend(text.references.iter().cloned());
        }
        joined
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self { text: text.into(), references: BTreeSet::new() }
    }
}

/// A structured attribute. Plans state truth values as texts, so there is no other kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(Text),
    /// A list.
    List(Vec<Self>),
    /// A set; its names are sorted, as Nix prints them.
    Set(Attributes),
}

/// Names and values of a set.
pub type Attributes = BTreeMap<String, Value>;

impl Value {
    /// A list of texts.
    #[must_use]
    pub fn list<T: Into<Text>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(|item| Self::Text(item.into())).collect())
    }

    /// A set of texts.
    #[must_use]
    pub fn set<K: Into<String>, T: Into<Text>>(entries: impl IntoIterator<Item = (K, T)>) -> Self {
        let entries = entries.into_iter();
        Self::Set(entries.map(|(name, text)| (name.into(), Self::Text(text.into()))).collect())
    }

    /// Adds everything that the value names to `found`.
    pub fn collect_references(&self, found: &mut BTreeSet<Reference>) {
        match self {
            Self::Text(text) => found.extend(text.references.iter().cloned()),
            Self::List(items) => items.iter().for_each(|item| item.collect_references(found)),
            Self::Set(entries) => {
                entries.values().for_each(|value| value.collect_references(found));
            }
        }
    }
}

impl<T: Into<Text>> From<T> for Value {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(&text.text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Set(entries) => serializer.collect_map(entries),
        }
    }
}
