//! An object of facts, taken one by one: what is left over is refused by name.

use std::collections::BTreeMap;

use crate::json::Value;

/// Facts that were not taken yet, and where they stand.
#[derive(Debug)]
pub struct Facts {
    place: String,
    entries: BTreeMap<String, Value>,
}

impl Facts {
    /// The facts of an object; `place` is its name in messages.
    ///
    /// # Errors
    /// The value is no object.
    pub fn new(place: &str, value: Value) -> Result<Self, String> {
        match value {
            Value::Object(entries) => Ok(Self { place: place.to_owned(), entries }),
            _ => Err(format!("{place} is no set of facts")),
        }
    }

    fn wrong(&self, name: &str, wanted: &str) -> String {
        format!("the fact {}.{name} is no {wanted}", self.place)
    }

    /// A text, if it is there.
    ///
    /// # Errors
    /// It is something else.
    pub fn some_text(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.entries.remove(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "text")),
        }
    }

    /// A text, or the empty one.
    ///
    /// # Errors
    /// It is something else.
    pub fn text(&mut self, name: &str) -> Result<String, String> {
        Ok(self.some_text(name)?.unwrap_or_default())
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// It is missing, or something else.
    pub fn needed(&mut self, name: &str) -> Result<String, String> {
        self.some_text(name)?.ok_or_else(|| format!("the fact {}.{name} is missing", self.place))
    }

    /// `true` or `false`, if it is there.
    ///
    /// # Errors
    /// It is something else.
    pub fn some_flag(&mut self, name: &str) -> Result<Option<bool>, String> {
        match self.entries.remove(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(self.wrong(name, "truth value")),
        }
    }

    /// Whether the fact is `true`.
    ///
    /// # Errors
    /// It is something else than a truth value.
    pub fn flag(&mut self, name: &str) -> Result<bool, String> {
        Ok(self.some_flag(name)?.unwrap_or(false))
    }

    /// A whole number, if it is there.
    ///
    /// # Errors
    /// It is something else.
    pub fn some_int(&mut self, name: &str) -> Result<Option<i64>, String> {
        match self.entries.remove(name) {
            None => Ok(None),
            Some(Value::Int(number)) => Ok(Some(number)),
            Some(_) => Err(self.wrong(name, "whole number")),
        }
    }

    /// A list of texts; empty if it is not there.
    ///
    /// # Errors
    /// It is something else.
    pub fn texts(&mut self, name: &str) -> Result<Vec<String>, String> {
        let items = match self.entries.remove(name) {
            None => return Ok(Vec::new()),
            Some(Value::List(items)) => items,
            Some(_) => return Err(self.wrong(name, "list")),
        };
        let text = |item| match item {
            Value::Text(text) => Ok(text),
            _ => Err(self.wrong(name, "list of texts")),
        };
        items.into_iter().map(text).collect()
    }

    /// A table of texts; empty if it is not there.
    ///
    /// # Errors
    /// It is something else.
    pub fn table(&mut self, name: &str) -> Result<BTreeMap<String, String>, String> {
        let entries = match self.entries.remove(name) {
            None => return Ok(BTreeMap::new()),
            Some(Value::Object(entries)) => entries,
            Some(_) => return Err(self.wrong(name, "table")),
        };
        let text = |(key, value)| match value {
            Value::Text(text) => Ok((key, text)),
            _ => Err(self.wrong(name, "table of texts")),
        };
        entries.into_iter().map(text).collect()
    }

    /// The names of a table `name.x = true`, in order.
    ///
    /// # Errors
    /// It is something else.
    pub fn set(&mut self, name: &str) -> Result<Vec<String>, String> {
        let entries = match self.entries.remove(name) {
            None => return Ok(Vec::new()),
            Some(Value::Object(entries)) => entries,
            Some(_) => return Err(self.wrong(name, "table")),
        };
        let key = |(key, value)| match value {
            Value::Bool(true) => Ok(key),
            _ => Err(self.wrong(name, "set of names")),
        };
        entries.into_iter().map(key).collect()
    }

    /// Facts below this one; none of them where it is not there.
    ///
    /// # Errors
    /// It is no object.
    pub fn facts(&mut self, name: &str) -> Result<Self, String> {
        let value = self.entries.remove(name).unwrap_or(Value::Object(BTreeMap::new()));
        Self::new(&format!("{}.{name}", self.place), value)
    }

    /// Facts below this one, in a list; empty if it is not there.
    ///
    /// # Errors
    /// It is something else.
    pub fn list(&mut self, name: &str) -> Result<Vec<Self>, String> {
        let items = match self.entries.remove(name) {
            None => return Ok(Vec::new()),
            Some(Value::List(items)) => items,
            Some(_) => return Err(self.wrong(name, "list")),
        };
        let place = format!("{}.{name}", self.place);
        items.into_iter().map(|item| Self::new(&place, item)).collect()
    }

    /// A fact of any kind, or nothing.
    pub fn value(&mut self, name: &str) -> Value {
        self.entries.remove(name).unwrap_or(Value::Null)
    }

    /// Whether the fact is there and was not taken yet.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// A fact is left: this builder does not know it.
    pub fn done(self) -> Result<(), String> {
        match self.entries.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(format!(
                "this builder knows no fact {}.{name}: the plan was made by another rbn-plan",
                self.place
            )),
        }
    }
}
