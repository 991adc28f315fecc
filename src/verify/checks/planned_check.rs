//! A planned check, and what it calls once build scripts have spoken.

use std::collections::BTreeSet;
use std::rc::Rc;

use rbn_builder::crates::Notes;
use rbn_builder::effects::Script;
use rbn_builder::note::Crate;
use rbn_builder::report::Call;
use rbn_builder::step::{Action, Compile, Step};
use rbn_builder::subject::{Programs, Subject};

use super::super::planned_compile::PlannedCompile;
use super::super::relation::{EXTERN, PROGRAM, SCRIPT};
use super::recorded::Tool;
use crate::plan::check_facts::Checked;
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
    pub(super) checked: Checked,
    pub(super) note: Crate,
    pub(super) notes: Rc<Notes>,
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

pub(super) fn arguments(tool: Tool, call: &Call) -> &[String] {
    // clippy-driver is given rustc's name first.
    let before = match tool {
        Tool::Clippy => 2,
        Tool::Rustdoc => 1,
        Tool::Program => 0,
    };
    call.words.get(before..).unwrap_or_default()
}

pub(super) fn compile(step: &Step) -> Option<&Compile> {
    match &step.action {
        Action::Compile(compile) => Some(compile),
        Action::Run(_) => None,
    }
}

pub(super) fn called(
    checked: &Checked,
    note: &Crate,
    notes: &Notes,
    scripts: &[Script<'_>],
) -> Option<Call> {
    let step = &checked.of;
    let subject = Subject { step, compile: compile(step)?, note, notes, scripts };
    let programs = Programs { rustc: "rustc", rustdoc: "rustdoc", out: facts::OUT };
    rbn_builder::called::call(&subject, &checked.check, &programs).ok()
}
