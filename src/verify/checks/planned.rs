//! What a plan's checks would call, by the builder's own code.

use std::collections::BTreeMap;
use std::rc::Rc;

use rbn_builder::attempt::Check;
use rbn_builder::crates::{self, Notes};
use rbn_builder::step::{HOST, Step};

use super::super::normalise::ANY;
use super::super::package_name::PackageName;
use super::super::planned::{PlannedAction, PlannedStep};
use super::super::steps;
use super::planned_check::{PlannedCheck, arguments, called, compile};
use super::recorded::Tool;
use crate::plan::check_facts::{Checked, Checks};
use crate::plan::facts;

/// The checks of a plan whose steps are `all`. rustfmt's are left out: cargo-fmt gives it all files at once.
#[must_use]
pub fn planned(checks: &Checks, all: &BTreeMap<String, Step>) -> Vec<PlannedStep> {
    let notes = Rc::new(facts::notes(all));
    checks.iter().filter_map(|(output, checked)| one(output, checked, &notes)).collect()
}

fn one(output: &str, checked: &Checked, notes: &Rc<Notes>) -> Option<PlannedStep> {
    let tool = match checked.check.action.as_str() {
        "clippy" => Tool::Clippy,
        "doctest" | "doc" => Tool::Rustdoc,
        "test" | "bench" => Tool::Program,
        _ => return None,
    };
    let mut checked = checked.clone();
    // The runner is the machine's, and what is skipped is config.toml's: Cargo has neither.
    checked.check.runner.clear();
    checked.check.skip.clear();
    let step = &checked.of;
    let compile = compile(step)?;
    let note = crates::note(step, compile, notes, output, |_| true);
    let call = called(&checked, &note, notes, &[])?;
    let args = arguments(tool, &call).to_vec();
    let mut env = call.environment;
    env.insert("CARGO".to_owned(), ANY.to_owned());
    let check = PlannedCheck {
        tool,
        known: steps::of_call(step, compile, notes, args),
        program: checked.check.program.as_deref().map(steps::name),
        note,
        notes: Rc::clone(notes),
        checked: checked.clone(),
    };
    Some(PlannedStep {
        name: steps::name(output),
        package: PackageName {
            name: step.package.name.clone(),
            version: step.package.version.clone(),
        },
        platform: (step.group != HOST).then(|| step.group.clone()),
        cwd: call.directory,
        env,
        action: PlannedAction::Check(Box::new(check)),
    })
}

/// What config.toml makes of checks, which was taken out: a line for each thing.
#[must_use]
pub fn added(check: &Check) -> Vec<String> {
    let skipped = check.skip.iter().map(|test| format!("checks.skip {test}"));
    let runner = (!check.runner.is_empty()).then(|| format!("runner {}", check.runner.join(" ")));
    skipped.chain(runner).collect()
}
