//! Where Cargo is asked for its configuration.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use toml_edit::{Document, Item, Value};

use crate::cargo::paths;
use crate::files::reader;

/// Where Cargo is asked, and how.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The `cargo` program.
    pub cargo: &'a str,
    /// The directory that it runs in.
    pub dir: &'a Utf8Path,
    /// `--config` and `-Z`, as given.
    pub flags: &'a [String],
}

impl Asked<'_> {
    /// The files that `--config` names, and those that these include: all count as the command line's.
    pub(super) fn named_files(&self) -> BTreeSet<Utf8PathBuf> {
        let values = self.flags.iter().filter_map(|flag| flag.strip_prefix("--config="));
        let mut waiting: Vec<Utf8PathBuf> =
            values.map(|value| paths::normal(&self.dir.join(value))).collect();
        let mut known = BTreeSet::new();
        while let Some(file) = waiting.pop() {
            // A `--config` may be no file, and what is no TOML Cargo has refused by now.
            if file.is_file() && known.insert(file.clone()) {
                waiting.extend(included(&file));
            }
        }
        known
    }
}

/// The files that a configuration file includes, whether they are there or not.
///
/// Source: `load_includes` and `ConfigInclude` of Cargo 1.95.
fn included(file: &Utf8Path) -> Vec<Utf8PathBuf> {
    let Some(dir) = file.parent() else { return Vec::new() };
    let Ok(text) = reader::text(file) else { return Vec::new() };
    let Ok(document) = Document::parse(text) else { return Vec::new() };
    let Some(include) = document.get("include") else { return Vec::new() };
    let one = |item: &Value| {
        let table = item.as_inline_table().and_then(|table| table.get("path"));
        Some(paths::normal(&dir.join(item.as_str().or_else(|| table?.as_str())?)))
    };
    match include {
        Item::Value(Value::Array(list)) => list.iter().filter_map(one).collect(),
        Item::Value(value) => one(value).into_iter().collect(),
        Item::ArrayOfTables(tables) => tables
            .iter()
            .filter_map(|table| Some(paths::normal(&dir.join(table.get("path")?.as_str()?))))
            .collect(),
        _ => Vec::new(),
    }
}
