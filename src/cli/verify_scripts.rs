//! `rbn-plan verify --files` and `bootstrap verify --scripts`: build scripts, run by Nix for a comparison.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::select::SelectArgs;
use super::{flake_toolchain, toolchain};
use crate::config::Config;
use crate::model::Plan;
use crate::text::words::count;
use crate::verify::error::EvaluateError;
use crate::verify::files::examine::Paired;
use crate::verify::files::nix_runs::{Again, NixRuns, Toolchain};
use crate::verify::files::scripts;
use crate::verify::files::scripts_report::{ScriptDifference, ScriptsReport};
use crate::verify::normalise::STEP_DIR;
use crate::verify::recording::Recording;

/// Lets Nix run the build scripts of `plan`, and tells what they say and leave otherwise than under Cargo.
///
/// # Errors
/// A temporary file that cannot be written, a configuration that cannot be used, a signal.
pub(super) fn compare(
    select: &SelectArgs,
    (plan, config): (&Plan, &Config),
    paired: &Paired,
    recording: &Recording,
) -> miette::Result<ScriptsReport> {
    if scripts::runs(paired, recording).is_empty() {
        return Ok(ScriptsReport::default());
    }
    let root = recording.workspace_root.as_path();
    let committed = root.join(config.nix.output.value.as_path());
    let nix = NixRuns::prepare(plan, root, &committed, &toolchain_of(select, root, config)?)?;
    Ok(by_nix(&nix, paired, recording)?)
}

/// Lets `nix` run the build scripts that were recorded, and compares.
///
/// # Errors
/// A signal.
pub(super) fn by_nix(
    nix: &NixRuns,
    paired: &Paired,
    recording: &Recording,
) -> Result<ScriptsReport, EvaluateError> {
    let mut report = ScriptsReport::default();
    let runs = scripts::runs(paired, recording);
    let programs: Vec<&str> = runs.iter().map(|run| run.program).collect();
    if let Err(said) = nix.build(&programs)? {
        report.scripts_not_compared = runs.len();
        report
            .notes
            .push(format!("what build scripts say and leave was not compared: {}", reason(&said)));
        return Ok(report);
    }
    let all: Vec<&str> = runs.iter().map(|run| run.run).collect();
    let mut built = BTreeMap::new();
    match nix.build(&all)? {
        Ok(paths) => built.extend(all.iter().map(|run| (*run).to_owned()).zip(paths)),
        Err(_) => {
            for run in all {
                match nix.build(&[run])? {
                    Ok(paths) => built.extend(paths.into_iter().map(|path| (run.to_owned(), path))),
                    Err(said) => report.different.push(ScriptDifference {
                        step: run.strip_prefix(STEP_DIR).unwrap_or(run).to_owned(),
                        what: "its run".to_owned(),
                        cargo: vec!["succeeded".to_owned()],
                        nix: said.lines().map(str::to_owned).collect(),
                    }),
                }
            }
        }
    }
    let objects = scripts::objects(recording);
    if objects > 0 {
        report.notes.push(format!(
            "of {} that compilers made in OUT_DIR only the names were compared",
            count(objects, "file")
        ));
    }
    let different = scripts::compare(paired, recording, &built);
    let mut again: BTreeMap<&str, Again> = BTreeMap::new();
    for one in &different {
        if !again.contains_key(one.step.as_str()) {
            again.insert(&one.step, nix.again(&format!("{STEP_DIR}{}", one.step))?);
        }
    }
    for (step, made) in &again {
        match made {
            Again::Same => {}
            Again::Other => report.notes.push(format!(
                "{step} makes something else in each run, so what differs there says nothing"
            )),
            Again::Unknown(said) => report.notes.push(format!(
                "Nix could not run {step} again, so it may be that it makes something else in each run: {}",
                reason(said)
            )),
        }
    }
    report.scripts = built.len() - again.len();
    let counts = |one: &&ScriptDifference| again[one.step.as_str()] != Again::Other;
    report.different.extend(different.iter().filter(counts).cloned());
    Ok(report)
}

/// Nix's last word of an error is the reason; what stands around it is for its own users.
fn reason(said: &str) -> &str {
    let error = said.lines().rev().find(|line| line.starts_with("error"));
    error.or(said.lines().last()).unwrap_or_default()
}

/// What the plan is built with: the flake's toolchain, the file that is there, or this machine's.
fn toolchain_of(
    select: &SelectArgs,
    root: &Utf8Path,
    config: &Config,
) -> miette::Result<Toolchain> {
    if let Some(expression) = flake_toolchain::expression(root, config)? {
        return Ok(Toolchain::Expression(expression));
    }
    let file = root.join(config.nix.toolchain_file.value.as_path());
    Ok(match file.exists() {
        true => Toolchain::File(file),
        false => Toolchain::Text(toolchain::host_text(select)?),
    })
}
