//! Typed access to a set of facts: each is taken once, and none may be left.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::error::StepsError;
use crate::nix::data::{Attrs, Data};

/// A set of facts that is taken apart, with its place for messages.
#[derive(Debug)]
pub(super) struct Facts {
    place: String,
    attrs: Attrs,
}

impl Facts {
    pub fn new(place: impl Into<String>, attrs: Attrs) -> Self {
        Self { place: place.into(), attrs }
    }

    pub fn of(place: impl Into<String>, data: Data) -> Result<Self, StepsError> {
        let place = place.into();
        match data {
            Data::Attrs(attrs) => Ok(Self::new(place, attrs)),
            _ => Err(StepsError::fact(place, "expected a set")),
        }
    }

    pub fn place(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    pub fn take(&mut self, name: &str) -> Option<Data> {
        self.attrs.shift_remove(name)
    }

    fn wrong(&self, name: &str, expected: &str) -> StepsError {
        StepsError::fact(self.place(name), format!("expected {expected}"))
    }

    pub fn some_text(&mut self, name: &str) -> Result<Option<String>, StepsError> {
        match self.take(name) {
            None => Ok(None),
            Some(Data::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "a text")),
        }
    }

    pub fn text(&mut self, name: &str) -> Result<String, StepsError> {
        self.some_text(name)?.ok_or_else(|| self.wrong(name, "a text, and there is none"))
    }

    /// A text; empty where it is not stated.
    pub fn plain(&mut self, name: &str) -> Result<String, StepsError> {
        Ok(self.some_text(name)?.unwrap_or_default())
    }

    pub fn truth(&mut self, name: &str, default: bool) -> Result<bool, StepsError> {
        match self.take(name) {
            None => Ok(default),
            Some(Data::Truth(truth)) => Ok(truth),
            Some(_) => Err(self.wrong(name, "true or false")),
        }
    }

    pub fn number(&mut self, name: &str) -> Result<Option<i64>, StepsError> {
        match self.take(name) {
            None => Ok(None),
            Some(Data::Number(number)) => Ok(Some(number)),
            Some(_) => Err(self.wrong(name, "a number")),
        }
    }

    pub fn list(&mut self, name: &str) -> Result<Vec<String>, StepsError> {
        let text = |item| match item {
            Data::Text(text) => Some(text),
            _ => None,
        };
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Data::List(items)) => {
                let texts: Option<Vec<String>> = items.into_iter().map(text).collect();
                texts.ok_or_else(|| self.wrong(name, "a list of texts"))
            }
            Some(_) => Err(self.wrong(name, "a list of texts")),
        }
    }

    /// The names of a set of `true`; or a list, as the first plans stated it.
    pub fn names(&mut self, name: &str) -> Result<Vec<String>, StepsError> {
        if matches!(self.attrs.get(name), Some(Data::List(_))) {
            return self.list(name);
        }
        let set = self.set(name)?;
        let all = set.values().all(|value| *value == Data::Truth(true));
        if all { Ok(set.into_keys().collect()) } else { Err(self.wrong(name, "a set of `true`")) }
    }

    pub fn paths(&mut self, name: &str) -> Result<Vec<Utf8PathBuf>, StepsError> {
        Ok(self.list(name)?.into_iter().map(Utf8PathBuf::from).collect())
    }

    /// A set of texts.
    pub fn texts(&mut self, name: &str) -> Result<BTreeMap<String, String>, StepsError> {
        let text = |(name, value)| match value {
            Data::Text(text) => Some((name, text)),
            _ => None,
        };
        match self.take(name) {
            None => Ok(BTreeMap::new()),
            Some(Data::Attrs(attrs)) => {
                let texts: Option<BTreeMap<_, _>> = attrs.into_iter().map(text).collect();
                texts.ok_or_else(|| self.wrong(name, "a set of texts"))
            }
            Some(_) => Err(self.wrong(name, "a set of texts")),
        }
    }

    /// A set; empty where it is not stated.
    pub fn set(&mut self, name: &str) -> Result<Attrs, StepsError> {
        match self.take(name) {
            None => Ok(Attrs::new()),
            Some(Data::Attrs(attrs)) => Ok(attrs),
            Some(_) => Err(self.wrong(name, "a set")),
        }
    }

    /// Refuses what was not taken: a fact that is not understood may change the meaning.
    pub fn finish(self) -> Result<(), StepsError> {
        match self.attrs.keys().next() {
            None => Ok(()),
            Some(name) => {
                Err(StepsError::fact(self.place(name), "a fact that this version does not know"))
            }
        }
    }
}
