//! Runs of test programs that are cut into parts, by names that people write.

use std::collections::BTreeMap;

use miette::Diagnostic;
use thiserror::Error;

use super::names;
use crate::cargo::metadata::Metadata;
use crate::config::{Checks, Origin};
use crate::model::{Mode, Plan, TargetKind};
use crate::text::spelling;

/// A name that no test program of the workspace has, whatever is selected.
#[derive(Debug, Error, Diagnostic)]
#[error("{origin}: [checks.partitions] names `{name}`, and there is no such test program")]
#[diagnostic(help("{help}"))]
pub struct UnknownProgram {
    origin: Origin,
    name: String,
    help: String,
}

/// Refuses the first name in `[checks.partitions]` that is no test program's.
///
/// # Errors
/// [`UnknownProgram`].
pub fn known(metadata: &Metadata, said: &Checks) -> Result<(), UnknownProgram> {
    let programs: Vec<String> = programs(metadata).collect();
    let is_unknown = |(name, _): &(&String, _)| !programs.contains(name);
    let Some((name, parts)) = said.partitions.iter().find(is_unknown) else { return Ok(()) };
    let help = match spelling::nearest(name, programs.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a name is that of the step without the version, such as `app:test:cli`; \
                 `rbn-plan steps --mode test --workspace` lists the steps"
            .to_owned(),
    };
    Err(UnknownProgram { origin: parts.origin.clone(), name: name.clone(), help })
}

/// The names of all test programs that Cargo may be asked for.
fn programs(metadata: &Metadata) -> impl Iterator<Item = String> + '_ {
    metadata.packages.iter().flat_map(|package| {
        let kinds = package.targets.iter().filter_map(|target| Some((target.kind()?, target)));
        let compiled = kinds.filter(|(kind, _)| *kind != TargetKind::CustomBuild);
        compiled.map(|(kind, target)| {
            format!("{}{}", package.name, names::suffix(kind, &target.name, Mode::Test))
        })
    })
}

/// Cuts runs of test programs into parts. A program that is not in this plan is one of another selection.
pub(super) fn cut(plan: &mut Plan, said: &Checks) {
    let is_test = plan.checks.as_ref().is_some_and(|checks| checks.verb.action() == "test");
    if !is_test || said.partitions.is_empty() {
        return;
    }
    let mut parts = BTreeMap::new();
    for id in plan.checked() {
        let step = plan.step(id);
        // Only a harness can tell which tests there are.
        let harness = step
            .compile()
            .is_some_and(|compile| compile.mode == Mode::Test && compile.target.harness);
        let package = &plan.packages[&step.package];
        let suffix = step.name.as_str().strip_prefix(step.package.as_str()).unwrap_or_default();
        let number = said.partitions.get(&format!("{}{suffix}", package.name));
        if let Some(number) = number.filter(|number| harness && number.value > 1) {
            parts.insert(step.name.as_str().to_owned(), number.value);
        }
    }
    if let Some(checks) = &mut plan.checks {
        checks.partitions = parts;
    }
}
