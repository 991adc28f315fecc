//! Planning, recording and comparing one selection.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use camino::{Utf8Path, Utf8PathBuf};
use rbn_builder::step::Step;

use super::error::{EvaluateError, RecordError};
use super::files::tracer::Tracer;
use super::needed::Needed;
use super::planned::Planned;
use super::record::{self, record};
use super::recording::Recording;
use super::selection::{self, CargoCommand};
use super::{added, checks, evaluation, steps};
use crate::cargo::selection::{Command, Selection};
use crate::cargo::{Options, Workspace};
use crate::model::{Plan, Split, split};
use crate::plan::check_facts::{self, Checks};
use crate::plan::facts;

/// What is compared with Cargo, and what is to be said of it.
#[derive(Debug)]
pub struct Compared {
    /// The steps.
    pub planned: Planned,
    /// What config.toml adds to them, which was taken out.
    pub added: Vec<String>,
    /// Where they were not asked of Nix: why.
    pub note: Option<String>,
}

/// The steps of `configured` as Nix would run them, with those that the argument `split` makes; what they
/// have more than `bare`, the same plan without config.toml, is taken out. Without a Nix on this machine, or
/// if it is not to be asked: as the planner has them in memory, and the sentence that says so.
///
/// # Errors
/// Nix does not take the plan.
pub fn planned(
    bare: &Plan,
    configured: &Plan,
    split: Split,
    ask_nix: bool,
) -> Result<Compared, EvaluateError> {
    let plan = &added::without_programs(configured);
    let own = in_memory(plan);
    let compared = |mut known: BTreeMap<String, Step>, checks: Checks, note: Option<String>| {
        let mut added = added::taken_out(&mut known, &own, &in_memory(bare))?;
        let mut planned = without_rustdoc(plan, steps::planned(&known, plan.root_depth));
        let (checks, more) = without_additions(checks, plan, bare)?;
        added.extend(more);
        planned.steps.extend(checks::planned::planned(&checks, &known));
        Ok(Compared { planned, added, note })
    };
    let memory = |reason: &str| {
        let note = format!("{reason}: compared is the planner's memory, not the evaluated plan");
        compared(own.clone(), checks_in_memory(plan)?, Some(note))
    };
    if !ask_nix {
        return memory("nix was not asked (--no-nix)");
    }
    match evaluation::evaluate(plan, split)? {
        Some(known) => match known
            .keys()
            .find(|name| !own.contains_key(split::whole(name)))
            .or_else(|| own.keys().find(|name| !known.contains_key(*name)))
        {
            Some(step) => Err(EvaluateError::Step { step: step.clone() }),
            None => {
                let checks = match plan.checks {
                    Some(_) => evaluation::checks(plan, split)?.unwrap_or_default(),
                    None => Checks::new(),
                };
                compared(known, checks, None)
            }
        },
        None => memory("there is no nix-instantiate on this machine"),
    }
}

/// What is recorded is rustc and build scripts: what rustdoc does is no part of it.
fn without_rustdoc(plan: &Plan, mut planned: Planned) -> Planned {
    let all = plan.graph.node_weights();
    let of_rustdoc = all.filter(|step| step.compile().is_some_and(|unit| unit.mode.is_rustdoc()));
    let names: BTreeSet<String> =
        of_rustdoc.map(|step| format!("{}/{}", step.platform.group(), step.name)).collect();
    planned.steps.retain(|step| !names.contains(&step.name));
    planned
}

fn checks_in_memory(plan: &Plan) -> Result<Checks, EvaluateError> {
    match plan.checks {
        Some(_) => check_facts::checks(plan).map_err(|reason| EvaluateError::Facts { reason }),
        None => Ok(Checks::new()),
    }
}

/// Checks without what config.toml adds to the steps that they look at, which is told of the steps; and
/// a line for each thing that it says of checks alone.
fn without_additions(
    mut checks: Checks,
    plan: &Plan,
    bare: &Plan,
) -> Result<(Checks, BTreeSet<String>), EvaluateError> {
    let of = |checks: Checks| -> added::Steps {
        checks.into_iter().map(|(output, checked)| (output, checked.of)).collect()
    };
    let (own, bare) = (checks_in_memory(plan)?, checks_in_memory(bare)?);
    let lacking = own.keys().find(|output| !checks.contains_key(*output));
    let lacking = lacking.or_else(|| checks.keys().find(|output| !own.contains_key(*output)));
    if let Some(step) = lacking {
        return Err(EvaluateError::Step { step: step.clone() });
    }
    let mut steps = of(checks.clone());
    added::taken_out(&mut steps, &of(own), &of(bare))?;
    let mut lines = BTreeSet::new();
    for (output, step) in steps {
        if let Some(checked) = checks.get_mut(&output) {
            checked.of = step;
            lines.extend(checks::planned::added(&checked.check));
        }
    }
    Ok((checks, lines))
}

/// The host units of `plan` that a recording has to compile.
#[must_use]
pub fn needed(plan: &Plan) -> Needed {
    Needed::of(&in_memory(plan))
}

fn in_memory(plan: &Plan) -> BTreeMap<String, Step> {
    let ids = plan.graph.node_indices();
    ids.map(|id| (facts::output(plan.step(id)), facts::step(plan, id))).collect()
}

/// Records what Cargo runs for `workspace`, read as `options` say.
///
/// `program` is this program, `needed` and `tracer` as in [`record::Options`]; `progress` is told the number of units
/// recorded so far. Cargo is recorded once for each target, as it was asked for its units: one
/// run for several targets would unify features over all of them.
pub fn recorded(
    options: &Options,
    workspace: &Workspace,
    program: PathBuf,
    needed: &Needed,
    tracer: Option<(Tracer, Utf8PathBuf)>,
    progress: &mut dyn FnMut(usize),
) -> Result<Recording, RecordError> {
    let mut all: Option<Recording> = None;
    for target in &workspace.selection.targets {
        let before = all.as_ref().map_or(0, Recording::len);
        let selection =
            selection(&workspace.selection, target.as_str(), options.manifest_path.as_deref());
        let mut once = |needed: Option<Needed>| {
            let mut how = record::Options {
                cargo: PathBuf::from(&options.cargo),
                program: program.clone(),
                progress: &mut |units| progress(before + units),
                tracer: tracer.clone(),
                needed,
            };
            record(&options.dir, &selection, &mut how)
        };
        let recording = match once(Some(needed.clone())) {
            // A plan that does not know what a script needs has a fault, which the comparison is to tell.
            Err(RecordError::Cargo { .. }) if tracer.is_none() => once(None)?,
            recording => recording?,
        };
        all = Some(match all {
            None => recording,
            Some(all) => all.join(recording),
        });
    }
    // A loaded selection has a target.
    all.ok_or(RecordError::NotCalled)
}

fn selection(
    selection: &Selection,
    target: &str,
    manifest_path: Option<&Utf8Path>,
) -> selection::Selection {
    let mut flags: Vec<_> = selection.build_args().into_iter().map(Into::into).collect();
    if let Some(path) = manifest_path {
        flags.extend(["--manifest-path".into(), path.as_os_str().to_owned()]);
    }
    selection::Selection {
        command: match selection.command {
            Command::Build => CargoCommand::Build,
            Command::Check | Command::Fmt => CargoCommand::Check,
            Command::Clippy => CargoCommand::Clippy,
            Command::Test | Command::Coverage => CargoCommand::Test,
            Command::Bench => CargoCommand::Bench,
            Command::Doc => CargoCommand::Doc,
        },
        targets: vec![target.to_owned()],
        flags,
    }
}
