//! A rendered plan as Nix sees it: evaluated by the user's own Nix, and read back.
//!
//! `templates/inspect.nix` puts stand-ins in the place of the few builtins that need a store, so
//! an evaluation touches none, needs no toolchain, and takes a fraction of a second.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::process::Command;

use rbn_builder::attempt::Check;
use rbn_builder::facts::Facts;
use rbn_builder::json::Value;
use rbn_builder::step::Step;

use super::error::EvaluateError;
use super::normalise::STEP_DIR;
use crate::model::{Plan, Split};
use crate::nix::System;
use crate::plan::check_facts::{Checked, Checks};
use crate::plan_file::write::nix;
use crate::process::attended;
use crate::process::interrupt::Watch;

/// Nix's evaluator, in every version of Nix.
pub const PROGRAM: &str = "nix-instantiate";

/// Renders `plan`, lets Nix evaluate it, and reads the facts of its steps as their builder would. Steps are
/// named by their outputs: `/step/GROUP/NAME`, the group in the plan's words. Where `split` says so, a
/// library's metadata is a step of its own, `/step/GROUP/NAME:metadata`.
///
/// `Ok(None)`: there is no Nix on this machine.
///
/// # Errors
/// Nix refuses the plan, or answers something else than the library promises.
pub fn evaluate(
    plan: &Plan,
    split: Split,
) -> Result<Option<BTreeMap<String, Step>>, EvaluateError> {
    match inspect(plan, split, &[]) {
        Ok(json) => Ok(Some(read(&json)?)),
        Err(EvaluateError::Start { source }) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The checks of `plan`, as Nix hands them to their builder, by their outputs. `Ok(None)`: there is no Nix on
/// this machine.
///
/// # Errors
/// Nix refuses the plan, or answers something else than the library promises.
pub fn checks(plan: &Plan, split: Split) -> Result<Option<Checks>, EvaluateError> {
    match inspect(plan, split, &["--arg", "checks", "true"]) {
        Ok(json) => Ok(Some(read_checks(&json)?)),
        Err(EvaluateError::Start { source }) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_checks(json: &[u8]) -> Result<Checks, EvaluateError> {
    let refused = |reason: String| EvaluateError::Facts { reason };
    let text = std::str::from_utf8(json).map_err(|error| refused(error.to_string()))?;
    let Value::List(all) = Value::parse(text).map_err(refused)? else {
        return Err(refused("the answer is no list of checks".to_owned()));
    };
    let read = |one: Value| {
        let mut facts = Facts::new("check", one)?;
        let name = format!("{STEP_DIR}{}/{}", facts.needed("platform")?, facts.needed("step")?);
        let check = Check::read(&facts.needed("action")?, facts.facts("check")?)?;
        let of = Step::read(facts.value("of"))?;
        facts.done()?;
        Ok((name, Checked { check, of }))
    };
    all.into_iter().map(read).collect::<Result<_, _>>().map_err(refused)
}

/// Renders `plan` and asks Nix about it by `templates/inspect.nix`; `more` are further arguments of that.
/// What it prints is JSON.
///
/// # Errors
/// Nix is not there, or refuses the plan.
pub fn inspect(plan: &Plan, split: Split, more: &[&str]) -> Result<Vec<u8>, EvaluateError> {
    let text = nix::render(std::slice::from_ref(plan))
        .map_err(|source| EvaluateError::Render { source })?;
    let io = |source| EvaluateError::Io { source };
    // Before there is a file to be left behind.
    let watch = Watch::start().map_err(io)?;
    let mut file =
        tempfile::Builder::new().prefix("rbn-plan-steps-").suffix(".nix").tempfile().map_err(io)?;
    file.write_all(text.as_bytes()).map_err(io)?;
    let host = plan.host.as_ref().map(ToString::to_string).unwrap_or_default();
    let system = System::of_triple(&host).map_or_else(|| host.clone(), |system| system.to_string());
    let mut command = Command::new(PROGRAM);
    command
        .args(["--eval", "--strict", "--json"])
        // No store is opened, and no setting of the user's keeps the file from being read.
        .args(["--store", "dummy://"])
        .args(["--option", "pure-eval", "false", "--option", "restrict-eval", "false"])
        .args(["--argstr", "file"])
        .arg(file.path())
        .args(["--argstr", "host", &host, "--argstr", "system", &system])
        .args(["--argstr", "split", split.as_str()])
        .args(more)
        .args(stage(plan))
        .args(["-E", include_str!("../../templates/inspect.nix")])
        .env_remove("NIX_PATH");
    let output = attended::output(&mut command, &watch)
        .map_err(|source| EvaluateError::Start { source })?
        .ok_or_else(|| EvaluateError::Interrupted(watch.take().unwrap_or_default()))?;
    if !output.status.success() {
        return Err(EvaluateError::Failed {
            status: output.status.to_string(),
            stderr: String::from_utf8_lossy(&output.stderr).trim_end().to_owned(),
        });
    }
    Ok(output.stdout)
}

/// The stage of the compiler that builds, where the plan is of rustc's own build.
fn stage(plan: &Plan) -> Vec<String> {
    let stage = plan.bootstrap.as_ref().map(|own| own.built_by.to_string());
    stage.map_or_else(Vec::new, |stage| vec!["--arg".to_owned(), "builtBy".to_owned(), stage])
}

/// Reads what Nix printed.
fn read(json: &[u8]) -> Result<BTreeMap<String, Step>, EvaluateError> {
    let refused = |reason: String| EvaluateError::Facts { reason };
    let text = std::str::from_utf8(json).map_err(|error| refused(error.to_string()))?;
    let Value::Object(groups) = Value::parse(text).map_err(refused)? else {
        return Err(refused("the answer is no set of steps".to_owned()));
    };
    let mut steps = BTreeMap::new();
    for (group, of_group) in groups {
        let Value::Object(of_group) = of_group else {
            return Err(refused(format!("{group} is no set of steps")));
        };
        for (name, facts) in of_group {
            let step =
                Step::read(facts).map_err(|reason| refused(format!("{group}/{name}: {reason}")))?;
            steps.insert(format!("{STEP_DIR}{group}/{name}"), step);
        }
    }
    Ok(steps)
}
