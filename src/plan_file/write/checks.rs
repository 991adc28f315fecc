//! What a plan checks, as its file states it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::library;
use super::sections::Named;
use crate::model::Plan;
use crate::nix::fields::Fields;

/// The section on checks, with the part of the library that acts on it.
#[derive(Serialize)]
pub(super) struct Section {
    fields: Fields,
    steps: Vec<Named>,
    library: &'static str,
    /// The last lines of the builder, in whose place the checker's come.
    instead: String,
    more: String,
}

/// The section of plans that check something, one for each build machine. What each checks is its own: of
/// several targets rustfmt's machine takes its own one.
pub(super) fn section(plans: &[&Plan]) -> Option<Section> {
    let checks = plans.first()?.checks.as_ref()?;
    let mut fields = Fields::default();
    fields.text("verb", checks.verb.as_str());
    fields.text("directory", &checks.directory);
    fields.list("args", &checks.args);
    fields.list("skip", &checks.skip);
    fields.list("files", &checks.files);
    if checks.retries > 0 {
        fields.bare("retries", checks.retries);
    }
    if let Some(seconds) = checks.timeout {
        fields.bare("timeout", seconds);
    }
    if let Some(bytes) = checks.output {
        fields.bare("output", bytes);
    }
    fields.some_text("llvmTools", checks.llvm_tools.as_deref().unwrap_or_default());
    fields.attrs("partitions", &checks.partitions);
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let all = plans.iter().flat_map(|plan| plan.checked().into_iter().map(|id| plan.step(id)));
    for step in all {
        groups.entry(step.platform.group()).or_default().push(step.name.as_str());
    }
    let named = groups.into_iter().map(|(name, mut steps)| {
        steps.sort_unstable();
        steps.dedup();
        Named { name: name.to_owned(), fields: list(steps) }
    });
    let (instead, more) = library::checker();
    Some(Section { fields, steps: named.collect(), library: library::CHECKS, instead, more })
}

fn list(steps: Vec<&str>) -> Fields {
    let mut fields = Fields::default();
    fields.list("steps", steps);
    fields
}
