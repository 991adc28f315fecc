//! The crates that a step links, by the names that its code has for them.

use std::collections::BTreeMap;

use crate::model::edge::ExternOption;
use crate::model::{Edge, Plan, StepId, TargetKind};

/// The crates of a step by their names, in order. Of two crates of one name (Cargo passes both) the
/// second one's has `#2` after it, as the builder reads it.
#[must_use]
pub fn externs(plan: &Plan, id: StepId) -> BTreeMap<String, StepId> {
    let mut named: Vec<(String, StepId)> = plan
        .dependencies(id)
        .filter_map(|(edge, on)| match edge {
            Edge::Extern { name, options } => Some((key(name, options), on)),
            _ => None,
        })
        .collect();
    named.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| plan.step(a.1).name.cmp(&plan.step(b.1).name)));
    named.dedup();
    let mut externs = BTreeMap::new();
    for (name, on) in named {
        let mut key = name.clone();
        let mut number = 1;
        while externs.contains_key(&key) {
            number += 1;
            key = format!("{name}#{number}");
        }
        externs.insert(key, on);
    }
    externs
}

/// The name with its options: `priv,noprelude:serde`.
fn key(name: &str, options: &[ExternOption]) -> String {
    let words: Vec<&str> = options.iter().map(|option| option.as_str()).collect();
    if words.is_empty() { name.to_owned() } else { format!("{}:{name}", words.join(",")) }
}

/// The bins of a test's package that are not built with it: Cargo names them all the same.
#[must_use]
pub fn absent_bins(plan: &Plan, id: StepId) -> Vec<&str> {
    let target = plan.step(id).compile().map(|compile| compile.target.kind);
    if !matches!(target, Some(TargetKind::Test | TargetKind::Bench)) {
        return Vec::new();
    }
    let built: Vec<&str> = plan
        .dependencies(id)
        .filter_map(|(edge, _)| match edge {
            Edge::BinExe { name } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let bins = plan.package(id).bins.iter().map(String::as_str);
    bins.filter(|bin| !built.contains(bin)).collect()
}
