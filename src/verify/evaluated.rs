//! The steps that Nix would run as [`Planned`].
//!
//! All that is compared comes from the evaluated file; the plan in memory only says how each
//! package's script is to be read, and which steps there must be.

use std::collections::BTreeMap;

use super::error::EvaluateError;
use super::evaluation::{Common, Compile, Evaluation, Run, Step};
use super::lowered;
use super::planned::{
    LinkedKind, Planned, PlannedAction, PlannedCompile, PlannedExtern, PlannedRun, PlannedStep,
};
use super::recording::PackageName;
use crate::model::Plan;
use crate::plan::{sandbox_paths, script_effects};

/// Why a file that nobody makes shows as this step.
const NO_STEP: &str = "(made by no step)";

/// All steps of `evaluation`, which is what Nix makes of `plan`.
///
/// # Errors
/// [`EvaluateError::Step`]: the two do not have the same steps.
pub fn planned(plan: &Plan, evaluation: &Evaluation) -> Result<Planned, EvaluateError> {
    let order = lowered::dependencies_first(plan);
    let names: Vec<String> = order.iter().map(|id| lowered::name(plan, *id)).collect();
    let known: BTreeMap<&str, usize> =
        names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    if let Some(extra) = evaluation.steps.keys().find(|name| !known.contains_key(name.as_str())) {
        return Err(EvaluateError::Step { step: extra.clone() });
    }
    let mut reaching: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut steps = Vec::with_capacity(names.len());
    for (id, name) in order.iter().zip(&names) {
        let missing = || EvaluateError::Step { step: name.clone() };
        let step = evaluation.steps.get(name.as_str()).ok_or_else(missing)?;
        let action = match step {
            Step::Compile(compile) => {
                let scripts = script_effects::reaching(
                    name.as_str(),
                    &|name| own_script(evaluation, name),
                    &|name| linked(evaluation, name),
                    &mut reaching,
                );
                PlannedAction::Compile(self::compile(evaluation, name, compile, &scripts))
            }
            Step::Run(run) => {
                let package = lowered::script_package(plan.package(*id));
                PlannedAction::Run(self::run(run, package))
            }
        };
        steps.push(self::step(name, step.common(), action));
    }
    let workspace_root = sandbox_paths::workspace(plan.root_depth).into_string();
    Ok(Planned { workspace_root, steps })
}

fn step(name: &str, common: &Common, action: PlannedAction) -> PlannedStep {
    let mut env = common.env.clone();
    lowered::add_builders_variables(&mut env, matches!(action, PlannedAction::Run(_)));
    let platform = name.split('/').next().filter(|group| *group != "host");
    PlannedStep {
        name: name.to_owned(),
        package: PackageName {
            name: common.package.clone(),
            version: common.env.get("CARGO_PKG_VERSION").cloned().unwrap_or_default(),
        },
        platform: platform.map(str::to_owned),
        cwd: common.cwd.clone(),
        env,
        action,
    }
}

fn find<'a>(evaluation: &'a Evaluation, name: &str) -> Option<&'a Compile> {
    match evaluation.steps.get(name)? {
        Step::Compile(compile) => Some(compile),
        Step::Run(_) => None,
    }
}

fn own_script<'a>(evaluation: &'a Evaluation, name: &str) -> Option<&'a str> {
    find(evaluation, name).map(|compile| compile.script.as_str()).filter(|run| !run.is_empty())
}

/// The steps whose native search paths the builder takes over: those of proc macros end there.
fn linked<'a>(evaluation: &'a Evaluation, name: &str) -> Vec<&'a str> {
    let Some(compile) = find(evaluation, name) else { return Vec::new() };
    let linked = compile.native_crates.iter().map(String::as_str);
    linked.filter(|name| find(evaluation, name).is_some_and(|step| !step.is_macro)).collect()
}

fn compile(
    evaluation: &Evaluation,
    name: &str,
    compile: &Compile,
    scripts: &[&str],
) -> PlannedCompile {
    let (args, externs) = lowered::split_externs(compile.argv.clone());
    let maker = |path: &str| {
        let file = path.strip_prefix(sandbox_paths::DEPS).and_then(|file| file.strip_prefix('/'));
        let makes = |name: &&String| {
            find(evaluation, name).is_some_and(|step| {
                file.is_some_and(|file| step.made.iter().any(|made| made == file))
            })
        };
        compile.crates.iter().find(makes).map_or(NO_STEP, String::as_str).to_owned()
    };
    PlannedCompile {
        args,
        externs: externs
            .into_iter()
            .map(|(name, path)| PlannedExtern { name, step: maker(&path) })
            .collect(),
        script: own_script(evaluation, name).map(str::to_owned),
        scripts: scripts.iter().map(|run| (*run).to_owned()).collect(),
        linked_as: linked_kind(compile),
        package_has_lib: !compile.links_libs,
    }
}

/// What link arguments of scripts are for, from the builder's words for it.
fn linked_kind(compile: &Compile) -> LinkedKind {
    let has = |class: &str| compile.link_classes.iter().any(|found| found == class);
    let bin = compile.link_classes.iter().find_map(|class| class.strip_prefix("bin "));
    if let Some(name) = bin {
        LinkedKind::Bin(name.to_owned())
    } else if has("tests") {
        LinkedKind::Test
    } else if has("benches") {
        LinkedKind::Bench
    } else if has("examples") {
        LinkedKind::Example
    } else if has("cdylib") {
        LinkedKind::Lib { cdylib: true }
    } else {
        // Whether libraries are linked is `links_libs` alone.
        LinkedKind::Other
    }
}

fn run(run: &Run, package: crate::plan::directives::ScriptPackage) -> PlannedRun {
    PlannedRun {
        program: run.program.clone(),
        links: run.linked.iter().map(|(links, step)| (links.clone(), step.clone())).collect(),
        replaced: run.program.is_empty().then(|| run.replaced.join("\n")),
        package,
    }
}
