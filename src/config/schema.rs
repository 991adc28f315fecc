//! The schema: every key of `config.toml`, once. Reading, suggestions and the reference page all
//! come from this one table, so they cannot disagree.

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use super::key::{Key, Role, Shape};
use super::keys;

/// One level of the schema, for walking a document.
#[derive(Debug, Default)]
pub(super) struct Node {
    names: BTreeMap<String, Node>,
    any: Option<Box<Node>>,
    key: Option<usize>,
    /// Whether an array of tables may stand for the table.
    pub(super) many: bool,
}

impl Node {
    /// The node below this one that `name` leads to, and whether `name` was the user's choice.
    pub(super) fn child(&self, name: &str) -> Option<(&Self, bool)> {
        match self.names.get(name) {
            Some(node) => Some((node, false)),
            None => self.any.as_deref().map(|node| (node, true)),
        }
    }

    /// The key that ends here.
    pub(super) fn key(&self) -> Option<&'static Key> {
        self.key.map(|index| &SCHEMA.keys[index])
    }

    /// Whether a table may stand here.
    pub(super) fn is_table(&self) -> bool {
        self.any.is_some() || !self.names.is_empty()
    }

    /// The fixed names one level below.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    fn insert(&mut self, path: &str, index: usize) {
        let mut node = self;
        for part in path.split('.') {
            node = if part.starts_with('<') {
                node.any.get_or_insert_default()
            } else {
                node.names.entry(part.to_owned()).or_default()
            };
            node.many |= part == "<crate>";
        }
        node.key = Some(index);
    }
}

struct Schema {
    keys: Vec<Key>,
    root: Node,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let keys: Vec<Key> = [keys::ours::KEYS, keys::older::KEYS]
        .concat()
        .into_iter()
        .chain(keys::bootstrap::keys())
        .collect();
    let mut root = Node::default();
    for (index, key) in keys.iter().enumerate() {
        root.insert(&key.path, index);
    }
    Schema { keys, root }
});

/// Every key, in the order of the reference page.
#[must_use]
pub fn keys() -> &'static [Key] {
    &SCHEMA.keys
}

/// The top level.
pub(super) fn root() -> &'static Node {
    &SCHEMA.root
}

/// Whether two names differ only in case or in `_` for `-`.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.to_lowercase().replace('_', "-") == other.to_lowercase().replace('_', "-")
}

/// Our keys anywhere in the schema whose last part is `name`: the right word in the wrong section.
pub(super) fn elsewhere(name: &str) -> Option<&'static str> {
    let last = |key: &&Key| key.path.rsplit('.').next().is_some_and(|last| same(last, name));
    SCHEMA.keys.iter().filter(|key| key.role == Role::Setting).find(last).map(|key| &*key.path)
}
