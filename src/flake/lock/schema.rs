//! The JSON of a lock file as it stands.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::super::ref_value::RefValue;

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct LockFile {
    pub(super) nodes: IndexMap<String, LockNode>,
    pub(super) root: String,
}

/// The one field that says whether the rest can be read.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct LockVersion {
    pub(super) version: u64,
}

/// One node: a flake (or other source) at one revision.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct LockNode {
    /// Its inputs.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub inputs: IndexMap<String, InputTarget>,
    /// Where it was fetched from, exactly; absent for the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<LockAttrs>,
    /// What flake.nix said when it was locked; absent for the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<LockAttrs>,
    /// Whether it is a flake.
    #[serde(default = "yes")]
    pub flake: bool,
}

fn yes() -> bool {
    true
}

/// Where an input of a node leads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum InputTarget {
    /// To a node of the file.
    Node(String),
    /// Along a path of inputs from the root (`follows`); empty for the root itself.
    Follows(Vec<String>),
}

/// The attributes of a reference, `type` among them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct LockAttrs(BTreeMap<String, LockValue>);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
enum LockValue {
    Flag(bool),
    Number(i64),
    Text(String),
}

impl LockAttrs {
    /// A textual attribute.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            LockValue::Text(text) => Some(text),
            LockValue::Flag(_) | LockValue::Number(_) => None,
        }
    }

    /// A number, such as `lastModified` (seconds since 1970).
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            LockValue::Number(number) => Some(*number),
            LockValue::Flag(_) | LockValue::Text(_) => None,
        }
    }

    /// The attributes beside `type`.
    pub fn values(&self) -> BTreeMap<String, RefValue> {
        let beside_type = self.0.iter().filter(|(name, _)| *name != "type");
        beside_type
            .map(|(name, value)| {
                let value = match value {
                    LockValue::Flag(flag) => RefValue::Flag(*flag),
                    LockValue::Number(number) => RefValue::Number(*number),
                    LockValue::Text(text) => RefValue::Text(text.clone()),
                };
                (name.clone(), value)
            })
            .collect()
    }
}
