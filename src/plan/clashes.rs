//! Libraries of one name whose files have one name, too, below one crate: rustc is told of its crates by their
//! files in one directory, and Cargo writes both to the same one.

use std::collections::{BTreeMap, BTreeSet};

use super::error::PlanError;
use crate::graph;
use crate::model::build_target::CrateType;
use crate::model::{Edge, Mode, Plan, StepId, TargetKind};

/// Refuses the first step that links two such libraries.
///
/// # Errors
/// [`PlanError::Unit`] with what to do.
pub(super) fn refuse(plan: &Plan) -> Result<(), PlanError> {
    let mut named: BTreeMap<(&str, String), BTreeSet<StepId>> = BTreeMap::new();
    for id in plan.graph.node_indices() {
        if let Some(name) = bare_name(plan, id) {
            named.entry((plan.step(id).platform.group(), name)).or_default().insert(id);
        }
    }
    named.retain(|_, ids| ids.len() > 1);
    if named.is_empty() {
        return Ok(());
    }
    let suspects: BTreeSet<StepId> = named.values().flatten().copied().collect();
    let Ok(order) = graph::dependencies_first(&plan.graph) else { return Ok(()) };
    let mut linked: BTreeMap<StepId, BTreeSet<StepId>> = BTreeMap::new();
    for id in order {
        let mut below = BTreeSet::new();
        for (edge, on) in plan.dependencies(id) {
            if !matches!(edge, Edge::Extern { .. }) {
                continue;
            }
            if suspects.contains(&on) {
                below.insert(on);
            }
            // A macro brings its own crates with it.
            if !is_macro(plan, on) {
                below.extend(linked.get(&on).into_iter().flatten().copied());
            }
        }
        for ids in named.values() {
            let both: Vec<StepId> = below.intersection(ids).copied().collect();
            if let [one, other, ..] = both[..] {
                return Err(clash(plan, id, one, other));
            }
        }
        linked.insert(id, below);
    }
    Ok(())
}

/// The crate's name, where the file's name says no more: of dynamic libraries of path packages, as programs
/// have it in them (`use_extra_filename` of Cargo 1.95).
fn bare_name(plan: &Plan, id: StepId) -> Option<String> {
    let compile = plan.step(id).compile()?;
    let target = &compile.target;
    let is = |kind: &CrateType| matches!(kind, CrateType::Dylib | CrateType::Cdylib);
    let is_bare = target.kind == TargetKind::Lib
        && compile.mode == Mode::Build
        && target.crate_types.iter().any(is)
        && target.crate_types.iter().any(|kind| kind.is_linkable())
        && plan.package(id).source.is_local();
    is_bare.then(|| target.crate_name())
}

fn is_macro(plan: &Plan, id: StepId) -> bool {
    plan.step(id).compile().is_some_and(|compile| compile.target.kind == TargetKind::ProcMacro)
}

fn clash(plan: &Plan, id: StepId, one: StepId, other: StepId) -> PlanError {
    let said = |id: StepId| {
        let package = plan.package(id);
        format!("{} {}", package.name, package.version)
    };
    let name = bare_name(plan, one).unwrap_or_default();
    let step = plan.step(id);
    PlanError::Unit {
        unit: format!("{} ({})", step.name, step.platform.group()),
        reason: format!(
            "it links the libraries of {} and {}, which are both called `{name}` and written to one file, since they are dynamic libraries, too",
            said(one),
            said(other)
        ),
        help: Some(
            "give one of them a name of its own (`[lib] name`), or leave `cdylib` and `dylib` out of its `crate-type`"
                .to_owned(),
        ),
    }
}
