//! A profile and those that it inherits from.

use std::collections::BTreeMap;

/// The names from `profile` up to `dev` or `release`, by the `inherits` of custom profiles.
#[must_use]
pub fn of<'a>(profile: &'a str, inherits: &'a BTreeMap<String, String>) -> Vec<&'a str> {
    let mut lineage = vec![profile];
    let mut last = profile;
    while let Some(parent) = parent(last, inherits) {
        if lineage.contains(&parent) {
            break; // a cycle is Cargo's to refuse
        }
        lineage.push(parent);
        last = parent;
    }
    lineage
}

fn parent<'a>(profile: &str, inherits: &'a BTreeMap<String, String>) -> Option<&'a str> {
    match profile {
        "dev" | "release" => None,
        "test" => Some("dev"),
        "bench" => Some("release"),
        custom => inherits.get(custom).map(String::as_str),
    }
}
