//! What a plan's checks would call, by the builder's own code.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rbn_builder::attempt::Check;
use rbn_builder::crates::{self, Notes};
use rbn_builder::effects::Script;
use rbn_builder::note::Crate;
use rbn_builder::report::Call;
use rbn_builder::step::{Action, Compile, HOST, Step};
use rbn_builder::subject::{Programs, Subject};

use super::super::nodes::{EXTERN, PROGRAM, SCRIPT};
use super::super::normalise::ANY;
use super::super::planned::{PlannedAction, PlannedCompile, PlannedStep};
use super::super::recording::PackageName;
use super::super::steps;
use super::recorded::Tool;
use crate::plan::check_facts::{Checked, Checks};
use crate::plan::facts;

/// A check that is to be compared.
#[derive(Debug, Clone)]
pub struct PlannedCheck {
    /// What it starts.
    pub tool: Tool,
    /// Its arguments, as far as they are known before build scripts ran, with what they name: as of a
    /// compile step. Of a test program the program is the first.
    pub known: PlannedCompile,
    /// The step that made the program.
    pub program: Option<String>,
    checked: Checked,
    note: Crate,
    notes: Rc<Notes>,
}

impl PlannedCheck {
    /// Its call, with what build scripts said.
    ///
    /// # Panics
    /// Never: that there is a call was seen when this was made.
    #[must_use]
    pub fn call(&self, scripts: &[Script<'_>]) -> Call {
        called(&self.checked, &self.note, &self.notes, scripts).unwrap_or_default()
    }

    /// Whether it runs the tests in documentation.
    #[must_use]
    pub fn is_doctest(&self) -> bool {
        self.checked.check.action == "doctest"
    }

    /// What it takes from other steps, by a word for the relation.
    #[must_use]
    pub fn needs(&self) -> BTreeSet<(String, String)> {
        let program = self.program.iter().map(|on| (PROGRAM.to_owned(), on.clone()));
        let script = self.known.script.iter().map(|on| (SCRIPT.to_owned(), on.clone()));
        let externs = self.known.externs.iter().filter(|_| self.tool != Tool::Program);
        let externs = externs.map(|dep| (format!("{EXTERN}{}", dep.name), dep.step.clone()));
        program.chain(script).chain(externs).collect()
    }

    /// The arguments in a call of the tool, and of a test program the program too.
    #[must_use]
    pub fn arguments<'a>(&self, call: &'a Call) -> &'a [String] {
        arguments(self.tool, call)
    }
}

fn arguments(tool: Tool, call: &Call) -> &[String] {
    // clippy-driver is given rustc's name first.
    let before = match tool {
        Tool::Clippy => 2,
        Tool::Rustdoc => 1,
        Tool::Program => 0,
    };
    call.words.get(before..).unwrap_or_default()
}

fn compile(step: &Step) -> Option<&Compile> {
    match &step.action {
        Action::Compile(compile) => Some(compile),
        Action::Run(_) => None,
    }
}

fn called(checked: &Checked, note: &Crate, notes: &Notes, scripts: &[Script<'_>]) -> Option<Call> {
    let step = &checked.of;
    let subject = Subject { step, compile: compile(step)?, note, notes, scripts };
    let programs = Programs { rustc: "rustc", rustdoc: "rustdoc", out: facts::OUT };
    subject.call(&checked.check, &programs).ok()
}

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
