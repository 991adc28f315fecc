//! A plan as an editor sees it: what stands in rust-project.json, for rust-analyzer.
//!
//! Steps see files at fixed places in the sandbox, an editor sees the tree and the store. So what the builder
//! says of a step (its environment, its crate's name) is said here again, with the places of this machine.

use std::collections::BTreeMap;

use crate::model::{Mode, PackageKey, Plan, Source, StepId, TargetKind};

mod cfgs;
mod crates;
mod document;
mod here;
mod places;

use crates::{is_seen, run_of};
pub use document::document;
pub use here::Here;

/// The steps that must be built for an editor: procedural macros and runs of build scripts, one for each crate.
#[must_use]
pub fn wanted(plan: &Plan) -> Vec<StepId> {
    let mut wanted = Vec::new();
    for one in crates::crates(plan, |_| true) {
        wanted.extend(run_of(plan, one.step));
        let compile = plan.step(one.step).compile();
        let is_macro = compile.is_some_and(|compile| {
            compile.target.kind == TargetKind::ProcMacro && compile.mode == Mode::Build
        });
        wanted.extend(is_macro.then_some(one.step));
    }
    let place = |id: &StepId| (&plan.step(*id).platform, &plan.step(*id).name);
    wanted.sort_by(|a, b| place(a).cmp(&place(b)));
    wanted.dedup();
    wanted
}

/// For each package that is not in the tree, a step that sees all of its source.
#[must_use]
pub fn foreign(plan: &Plan) -> BTreeMap<PackageKey, StepId> {
    let mut found = BTreeMap::new();
    for id in plan.groups().into_values().flatten().filter(|id| is_seen(plan, *id)) {
        let source = &plan.package(id).source;
        if matches!(source, Source::Registry { .. } | Source::Git { .. }) {
            found.entry(plan.step(id).package.clone()).or_insert(id);
        }
    }
    found
}

/// The name of a procedural macro's file below its step's output.
#[must_use]
pub fn macro_file(plan: &Plan, id: StepId) -> Option<String> {
    let compile = plan.step(id).compile()?;
    let kind = *compile.target.crate_types.first()?;
    let name = format!("{}-{}", compile.target.crate_name(), plan.step(id).id);
    plan.file_name(id, kind, &name).map(|file| format!("lib/{file}"))
}
