//! The facts of a plan's steps as [`Planned`]: the builder's own code says what each would run.

use std::collections::BTreeMap;

use rbn_builder::argv;
use rbn_builder::crates::{self, Notes};
use rbn_builder::effects::Unit;
use rbn_builder::environment;
use rbn_builder::protocol::ScriptPackage;
use rbn_builder::step::{Action, Compile, HOST, Run, Step};

use super::environment::Variables;
use super::normalise::{ANY, STEP_DIR};
use super::planned::{
    LinkedKind, Planned, PlannedAction, PlannedCompile, PlannedExtern, PlannedRun, PlannedStep,
};
use super::recording::PackageName;
use crate::model::split;
use crate::plan::{facts, sandbox_paths};

/// All steps, which are named by their outputs (`/step/GROUP/NAME`).
#[must_use]
pub fn planned(steps: &BTreeMap<String, Step>, root_depth: usize) -> Planned {
    let notes = facts::notes(steps);
    let step = |(output, step): (&String, &Step)| self::step(output, step, &notes);
    let is_metadata = |(output, _): &(&String, &Step)| output.ends_with(split::SUFFIX);
    let (metadata, whole): (Vec<_>, Vec<_>) = steps.iter().partition(is_metadata);
    Planned {
        workspace_root: sandbox_paths::workspace(root_depth).into_string(),
        steps: whole.into_iter().map(step).collect(),
        metadata: metadata.into_iter().map(step).collect(),
    }
}

/// A step's name in reports: `host/syn-2.0.90`. Of a library's metadata it is the library's: Cargo makes
/// one call for both.
pub(super) fn name(output: &str) -> String {
    let name = output.strip_prefix(STEP_DIR).unwrap_or(output);
    split::whole(name).to_owned()
}

fn step(output: &str, step: &Step, notes: &Notes) -> PlannedStep {
    let mut env: Variables = environment::of(step, notes, Variables::new());
    // What only a build knows.
    env.insert("CARGO".to_owned(), ANY.to_owned());
    let action = match &step.action {
        Action::Compile(compile) => {
            PlannedAction::Compile(self::compile(output, step, compile, notes))
        }
        Action::Run(run) => {
            for tool in ["RUSTC", "RUSTDOC", "NUM_JOBS"] {
                env.insert(tool.to_owned(), ANY.to_owned());
            }
            PlannedAction::Run(self::run(step, run, &env))
        }
    };
    PlannedStep {
        name: name(output),
        package: PackageName {
            name: step.package.name.clone(),
            version: step.package.version.clone(),
        },
        platform: (step.group != HOST).then(|| step.group.clone()),
        cwd: step.working_directory().to_string_lossy().into_owned(),
        env,
        action,
    }
}

fn compile(output: &str, step: &Step, compile: &Compile, notes: &Notes) -> PlannedCompile {
    let note = &notes.crates[output];
    of_call(step, compile, notes, argv::rustc(step, compile, note, notes, facts::OUT))
}

/// A call for a crate, of rustc or of what has arguments like rustc's.
pub(super) fn of_call(
    step: &Step,
    compile: &Compile,
    notes: &Notes,
    args: Vec<String>,
) -> PlannedCompile {
    let (args, externs) = split_externs(args);
    // Which step makes a file: those that are linked make files of different names.
    let maker = |file: &str| {
        let makes = |path: &&str| {
            notes.crates.get(*path).is_some_and(|note| note.links.iter().any(|made| made == file))
        };
        compile.crates().find(makes).map_or_else(|| file.to_owned(), name)
    };
    let scripts = crates::natives(compile, notes, |_| true);
    PlannedCompile {
        args,
        externs: externs
            .into_iter()
            .map(|(name, path)| PlannedExtern {
                name,
                step: maker(path.rsplit('/').next().unwrap_or_default()),
            })
            .collect(),
        script: compile.script.as_deref().map(name),
        scripts: scripts.iter().map(|run| name(run)).collect(),
        linked_as: LinkedKind::of(&Unit::of(step, compile).linked_as),
        package_has_lib: step.package.has_lib,
    }
}

fn run(step: &Step, run: &Run, env: &Variables) -> PlannedRun {
    let bootstrap = env.get("RUSTC_BOOTSTRAP").map(String::as_str);
    PlannedRun {
        program: run.program.as_deref().map(name).unwrap_or_default(),
        links: run.links.iter().map(|(links, run)| (links.clone(), name(run))).collect(),
        replaced: run.replaced.as_ref().map(|lines| lines.join("\n")),
        package: ScriptPackage::of(&step.package, bootstrap),
    }
}

/// Takes the values of `--extern NAME=PATH` out of rustc's arguments.
fn split_externs(args: Vec<String>) -> (Vec<String>, Vec<(String, String)>) {
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
