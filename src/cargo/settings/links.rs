//! `[target.<triple>.<links>]`: tables that replace a build script.

use std::collections::BTreeMap;

use super::lookup::{Lookup, of_triple};
use super::merged::{Leaf, Origin};
use crate::model::Triple;

/// What else stands in the table of a triple.
const SETTINGS: [&str; 5] = ["ar", "linker", "runner", "rustflags", "rustdocflags"];

/// The lines that each replaced script would have printed, with their origins, by `links`.
///
/// Source: `parse_links_overrides` of Cargo 1.95: in the order of their keys; those that are no
/// directives become metadata.
#[must_use]
pub fn replaced(lookup: &Lookup, triple: &Triple) -> BTreeMap<String, Vec<(String, Origin)>> {
    let mut table = of_triple(triple.as_str(), "");
    table.pop();
    let mut tables = BTreeMap::new();
    for links in lookup.merged.keys(&table) {
        if SETTINGS.contains(&links) {
            continue;
        }
        let mut path = table.clone();
        path.push(links);
        // What is no table replaces no script: a key that Cargo does not know.
        if lookup.merged.leaf(&path).is_some() {
            continue;
        }
        let lines = lookup.merged.below(&path).flat_map(|(keys, leaf)| {
            let [directive, below @ ..] = &keys[path.len()..] else { return Vec::new() };
            let below = below.first();
            let line = |(text, origin): &(String, Origin)| {
                let text = match below {
                    Some(name) => format!("{name}={text}"),
                    None => text.clone(),
                };
                let line = match directive.as_str() {
                    directive if directive.starts_with("rustc-") => {
                        format!("cargo::{directive}={text}")
                    }
                    metadata => format!("cargo::metadata={metadata}={text}"),
                };
                (line, origin.clone())
            };
            match leaf {
                Leaf::Text(text, origin) => vec![line(&(text.clone(), origin.clone()))],
                Leaf::List(items) => items.iter().map(line).collect(),
            }
        });
        tables.insert(links.to_owned(), lines.collect());
    }
    tables
}
