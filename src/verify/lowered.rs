//! The planner's own steps as [`Planned`]: its memory, not yet what Nix makes of the plan.
//!
//! Variables that only the builder knows (places of tools, `NUM_JOBS`) are put in as set.

use std::collections::BTreeMap;

use super::environment::Variables;
use super::normalise::{ANY, STEP_DIR};
use super::planned::{
    LinkedKind, Planned, PlannedAction, PlannedCompile, PlannedExtern, PlannedRun, PlannedStep,
};
use super::recording::PackageName;
use crate::model::{
    BuildTarget, CrateType, Edge, Package, Plan, Platform, StepId, StepKind, TargetKind,
};
use crate::plan::directives::ScriptPackage;
use crate::plan::{args, env, sandbox_paths, script_effects};

/// All steps of `plan`.
pub fn planned(plan: &Plan) -> Planned {
    let order = dependencies_first(plan);
    let mut reaching = BTreeMap::new();
    for id in &order {
        let own = |id| own_script(plan, id);
        script_effects::reaching(*id, &own, &|id| linked(plan, id), &mut reaching);
    }
    let steps = order.iter().map(|id| step(plan, *id, &reaching)).collect();
    Planned { workspace_root: sandbox_paths::workspace(plan.root_depth).into_string(), steps }
}

/// All steps, dependencies first, so that no search from one to the next goes deep.
pub(super) fn dependencies_first(plan: &Plan) -> Vec<StepId> {
    let mut order = petgraph::algo::toposort(&plan.graph, None).unwrap_or_default();
    order.reverse();
    order
}

/// Sets the variables that only the builder knows, for a run of a script or of rustc.
pub(super) fn add_builders_variables(env: &mut Variables, is_run: bool) {
    env.insert("CARGO".to_owned(), ANY.to_owned());
    if is_run {
        for tool in ["RUSTC", "RUSTDOC", "NUM_JOBS"] {
            env.insert(tool.to_owned(), ANY.to_owned());
        }
    }
}

/// A step's name, unique over all platforms.
pub(super) fn name(plan: &Plan, id: StepId) -> String {
    format!("{}/{}", plan.step(id).platform, plan.step(id).name)
}

fn own_script(plan: &Plan, id: StepId) -> Option<StepId> {
    plan.dependencies(id).find(|(edge, _)| **edge == Edge::ScriptOutput).map(|(_, run)| run)
}

/// The libraries that a step links, in the order of Cargo's package ids.
fn linked(plan: &Plan, id: StepId) -> Vec<StepId> {
    let is_linked = |id: StepId| {
        plan.step(id).compile().is_some_and(|compile| {
            compile.target.kind != TargetKind::ProcMacro
                && compile.target.crate_types.iter().any(|kind| kind.is_linkable())
        })
    };
    let mut found: Vec<StepId> = plan
        .dependencies(id)
        .filter(|(edge, to)| matches!(edge, Edge::Extern { .. }) && is_linked(*to))
        .map(|(_, to)| to)
        .collect();
    found.sort_by_key(|id| {
        let package = plan.package(*id);
        (&package.name, &package.version, &plan.step(*id).package, *id)
    });
    found.dedup();
    found
}

fn step(plan: &Plan, id: StepId, reaching: &BTreeMap<StepId, Vec<StepId>>) -> PlannedStep {
    let step = plan.step(id);
    let package = plan.package(id);
    let mut env = env::of(plan, id);
    add_builders_variables(&mut env, step.run().is_some());
    let (action, cwd) = match &step.kind {
        StepKind::Compile(compile) => {
            for (edge, to) in plan.dependencies(id) {
                if let Edge::BinExe { name: bin } = edge {
                    let path = format!("{STEP_DIR}{}/bin/{bin}", name(plan, to));
                    env.insert(format!("CARGO_BIN_EXE_{bin}"), path);
                }
            }
            let externs = plan.dependencies(id).filter_map(|(edge, to)| match edge {
                Edge::Extern { name: crate_name, .. } => {
                    Some(PlannedExtern { name: crate_name.clone(), step: name(plan, to) })
                }
                _ => None,
            });
            let action = PlannedAction::Compile(PlannedCompile {
                args: split_externs(args::rustc(plan, id)).0,
                externs: externs.collect(),
                script: own_script(plan, id).map(|run| name(plan, run)),
                scripts: reaching
                    .get(&id)
                    .map(|runs| runs.iter().map(|run| name(plan, *run)).collect())
                    .unwrap_or_default(),
                linked_as: linked_kind(&compile.target),
                package_has_lib: package.has_lib,
            });
            (action, sandbox_paths::working_directory(package, plan.root_depth))
        }
        StepKind::RunScript(run) => {
            let mut program = String::new();
            let mut links = Vec::new();
            for (edge, to) in plan.dependencies(id) {
                match edge {
                    Edge::ScriptProgram => program = name(plan, to),
                    Edge::Links { links: key } => links.push((key.clone(), name(plan, to))),
                    _ => {}
                }
            }
            let action = PlannedAction::Run(PlannedRun {
                program,
                links,
                replaced: run.replaced.as_ref().map(|replaced| replaced.lines.join("\n")),
                package: script_package(package),
            });
            (action, sandbox_paths::package(package, plan.root_depth))
        }
    };
    PlannedStep {
        name: name(plan, id),
        package: PackageName { name: package.name.clone(), version: package.version.to_string() },
        platform: match &step.platform {
            Platform::Host => None,
            Platform::Target(triple) => Some(triple.to_string()),
        },
        cwd: cwd.into_string(),
        env,
        action,
    }
}

/// Takes the values of `--extern NAME=PATH` out of rustc's arguments.
pub(super) fn split_externs(args: Vec<String>) -> (Vec<String>, Vec<(String, String)>) {
    let mut kept = Vec::with_capacity(args.len());
    let mut externs = Vec::new();
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        let value = args.peek().and_then(|value| value.split_once('='));
        match value.filter(|_| arg == "--extern") {
            Some((name, path)) => {
                externs.push((name.to_owned(), path.to_owned()));
                args.next();
            }
            None => kept.push(arg),
        }
    }
    (kept, externs)
}

fn linked_kind(target: &BuildTarget) -> LinkedKind {
    match target.kind {
        TargetKind::Lib => {
            LinkedKind::Lib { cdylib: target.crate_types.contains(&CrateType::Cdylib) }
        }
        TargetKind::ProcMacro => LinkedKind::Lib { cdylib: false },
        TargetKind::Bin => LinkedKind::Bin(target.name.clone()),
        TargetKind::Example if target.crate_types.contains(&CrateType::Bin) => LinkedKind::Example,
        TargetKind::Test => LinkedKind::Test,
        TargetKind::Bench => LinkedKind::Bench,
        TargetKind::Example | TargetKind::CustomBuild => LinkedKind::Other,
    }
}

/// What a script's lines are read with. Cargo has accepted them, so what the plan does not know
/// of the package is taken as allowed.
pub(super) fn script_package(package: &Package) -> ScriptPackage {
    let mut version = package.about.rust_version.split('.').map(str::parse);
    let rust_version = match (version.next(), version.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
        (Some(Ok(major)), None) => Some((major, 0)),
        _ => None,
    };
    ScriptPackage {
        name: format!("{} v{}", package.name, package.version),
        library: package.has_lib.then(|| package.name.replace('-', "_")),
        has_cdylib: true,
        bins: package.bins.clone(),
        has_tests: true,
        has_benches: true,
        has_examples: true,
        rust_version,
        bootstrap_allowed: true,
    }
}
