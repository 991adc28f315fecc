//! Effective values, one by one, for showing them.

use toml::Value;

use super::env::{Env, EnvValue};
use super::origin::{Origin, Setting};

/// One effective value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The table that it belongs to, as its header spells it.
    pub section: String,
    /// Which table of an array of tables, from 0.
    pub index: Option<usize>,
    /// The key in the table.
    pub name: String,
    /// The value; `None` where nothing is set and the default is no value but a rule.
    pub value: Option<Value>,
    /// Where it came from.
    pub origin: Origin,
}

impl Entry {
    /// The whole key: `build.targets`, `override.openssl-sys[1].kind`.
    #[must_use]
    pub fn key(&self) -> String {
        match self.index {
            Some(index) => format!("{}[{index}].{}", self.section, self.name),
            None => format!("{}.{}", self.section, self.name),
        }
    }
}

/// A list under construction, with the table that comes next.
pub(super) struct List {
    pub(super) entries: Vec<Entry>,
    pub(super) section: String,
    pub(super) index: Option<usize>,
}

impl List {
    pub(super) fn section(&mut self, section: impl Into<String>) {
        self.section = section.into();
        self.index = None;
    }

    pub(super) fn push(&mut self, name: &str, value: Option<Value>, origin: &Origin) {
        self.entries.push(Entry {
            section: self.section.clone(),
            index: self.index,
            name: name.to_owned(),
            value,
            origin: origin.clone(),
        });
    }

    /// A key that nothing sets, and whose default is a rule.
    pub(super) fn unset(&mut self, name: &str) {
        self.push(name, None, &Origin::Default);
    }

    pub(super) fn text<T: ToString>(&mut self, name: &str, setting: &Setting<T>) {
        self.push(name, Some(Value::String(setting.value.to_string())), &setting.origin);
    }

    pub(super) fn flag(&mut self, name: &str, setting: &Setting<bool>) {
        self.push(name, Some(Value::Boolean(setting.value)), &setting.origin);
    }

    pub(super) fn texts<T>(
        &mut self,
        name: &str,
        setting: &Setting<Vec<T>>,
        text: impl Fn(&T) -> String,
    ) {
        let values = setting.value.iter().map(|one| Value::String(text(one))).collect();
        self.push(name, Some(Value::Array(values)), &setting.origin);
    }

    pub(super) fn env(&mut self, prefix: &str, env: &Env) {
        for (name, setting) in env {
            let value = env_value(&setting.value);
            self.push(&format!("{prefix}{name}"), Some(value), &setting.origin);
        }
    }
}

fn env_value(env: &EnvValue) -> Value {
    if !env.force && !env.relative {
        return Value::String(env.value.clone());
    }
    let mut table = toml::Table::new();
    table.insert("value".to_owned(), Value::String(env.value.clone()));
    for (name, on) in [("force", env.force), ("relative", env.relative)] {
        if on {
            table.insert(name.to_owned(), Value::Boolean(true));
        }
    }
    Value::Table(table)
}
