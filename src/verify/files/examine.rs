//! The comparison of files for one plan and one recording.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use rbn_builder::protocol;
use rbn_builder::step::Step;

use super::super::compare;
use super::super::error::EvaluateError;
use super::super::normalise::STEP_DIR;
use super::super::planned::{Planned, PlannedAction};
use super::super::recording::Recording;
use super::super::steps;
use super::compare::Sides;
use super::cure;
use super::hidden::Hidden;
use super::listed;
use super::report::FilesReport;
use crate::model::Plan;
use crate::plan::facts;

/// The steps of a plan, named by their outputs, and which recorded call each is.
pub struct Paired {
    /// The steps.
    pub steps: BTreeMap<String, Step>,
    /// The same as they are compared.
    pub planned: Planned,
    /// By output, the call.
    pub pairs: compare::Pairs,
}

/// Pairs the steps of `plan` with the calls of a recording.
#[must_use]
pub fn paired(plan: &Plan, recording: &Recording) -> Paired {
    let ids = plan.graph.node_indices();
    let steps: BTreeMap<String, Step> =
        ids.map(|id| (facts::output(plan.step(id)), facts::step(plan, id))).collect();
    let planned = steps::planned(&steps, plan.root_depth);
    let pairs = compare::pairs(&planned, recording);
    Paired { steps, planned, pairs }
}

/// Compares what the processes of `recording` saw with what `plan`, with all that config.toml says, gives to
/// its steps. `file`: the plan's file, counted from the workspace root.
///
/// # Errors
/// Nix does not take the plan.
pub fn examine(
    plan: &Plan,
    paired: &Paired,
    recording: &Recording,
    file: &Utf8Path,
) -> Result<FilesReport, EvaluateError> {
    let root = &recording.workspace_root;
    let sides = Sides {
        steps: &paired.steps,
        listed: &listed::list(plan, root)?,
        recording,
        pairs: &paired.pairs,
        hidden: &Hidden::new(root, file),
    };
    let mut report = sides.compare();
    let (cures, without) = cure::cures(&report.missing);
    report.cures = cures;
    report.notes.extend(without.into_iter().map(|path| {
        format!("config.toml cannot name {path}: it takes paths below the workspace root, without line breaks")
    }));
    report.notes.extend(lacking(paired, recording).into_iter().map(|(name, steps)| {
        let steps = steps.into_iter().collect::<Vec<_>>().join(", ");
        format!(
            "{name} is set here, and not in the plan; asked for by {steps} ([env] in config.toml sets it)"
        )
    }));
    Ok(report)
}

/// Variables that scripts and code ask for, that were set where Cargo was started, and that steps do not have: each with
/// those steps.
#[must_use]
pub fn lacking<'a>(
    paired: &'a Paired,
    recording: &Recording,
) -> BTreeMap<String, BTreeSet<&'a str>> {
    let mut found: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for step in &paired.planned.steps {
        let output = format!("{STEP_DIR}{}", step.name);
        let Some(call) = paired.pairs.get(&output) else { continue };
        let asked: Vec<String> = match &step.action {
            PlannedAction::Run(run) => {
                let recorded = recording.runs.get(call.wrapping_sub(recording.units.len()));
                let stdout = recorded.map_or(&[][..], |run| run.stdout.as_slice());
                let said = protocol::parse(stdout, &run.package);
                said.map(|said| said.rerun_if_env_changed).unwrap_or_default()
            }
            // A script may have set it: then it is not the user's.
            PlannedAction::Compile(_) | PlannedAction::Check(_) => {
                let seen = recording.seen(*call);
                let env = seen.into_iter().flat_map(|seen| &seen.dep_info.env);
                let own = env.filter(|(name, value)| {
                    value
                        .as_ref()
                        .is_some_and(|value| recording.baseline.0.get(*name) == Some(value))
                });
                own.map(|(name, _)| name.clone()).collect()
            }
        };
        for name in asked {
            let here = recording.baseline.0.get(&name);
            if here.is_some() && step.env.get(&name) != here {
                found.entry(name).or_default().insert(&step.name);
            }
        }
    }
    found
}
