//! The plans of checks that config.toml names (`checks.plans`): files beside the plan of what is built, one
//! for each verb, and one that joins them.

use camino::{Utf8Path, Utf8PathBuf};
use miette::{Diagnostic, IntoDiagnostic as _};
use thiserror::Error;

use super::select::SelectArgs;
use crate::config::{CheckPlan, Config};
use crate::model::Plan;
use crate::plan_file::write::{joined, nix};

/// Where a file lies, from the workspace root, and its plan; none for the file that joins the others.
pub type Place<'c> = (Utf8PathBuf, Option<&'c CheckPlan>);

/// Two files of one name.
#[derive(Debug, Error, Diagnostic)]
#[error("{path} is the file of {key}, and that of a plan of checks")]
#[diagnostic(help("give the file of {key} another name, or keep it in another directory"))]
struct Taken {
    path: Utf8PathBuf,
    key: &'static str,
}

/// The plans that config.toml names.
fn wanted(config: &Config) -> &[CheckPlan] {
    config.checks.plans.as_ref().map(|plans| plans.value.as_slice()).unwrap_or_default()
}

/// The places of all files; none where config.toml names no plan.
///
/// # Errors
/// A name that another file has.
pub fn places(config: &Config) -> miette::Result<Vec<Place<'_>>> {
    let output = config.nix.output.value.as_path();
    let plans = wanted(config).iter();
    let mut places: Vec<Place<'_>> =
        plans.map(|plan| (output.with_file_name(joined::file_of(plan.verb)), Some(plan))).collect();
    if !places.is_empty() {
        places.push((output.with_file_name(joined::FILE), None));
    }
    let others =
        [(output, "nix.output"), (config.nix.toolchain_file.value.as_path(), "nix.toolchain-file")];
    for (path, _) in &places {
        if let Some((_, key)) = others.iter().find(|(other, _)| other == path) {
            return Err(Taken { path: path.clone(), key }.into());
        }
    }
    Ok(places)
}

/// Where the file lies that joins the others, from the workspace root; nowhere where config.toml names no plan.
///
/// # Errors
/// As [`places`].
pub fn joined_place(config: &Config) -> miette::Result<Option<Utf8PathBuf>> {
    Ok(places(config)?.into_iter().find(|(_, plan)| plan.is_none()).map(|(path, _)| path))
}

/// What a file is to hold: its plans, none in the file that joins the others, and its text.
///
/// # Errors
/// Whatever planning ran into.
pub fn made(
    select: &SelectArgs,
    root: &Utf8Path,
    config: &Config,
    plan: Option<&CheckPlan>,
) -> miette::Result<(Vec<Plan>, String)> {
    match plan {
        Some(plan) => {
            let (plans, _) = select.of_check_plan(root, plan)?.plans()?;
            let text = nix::render(&plans).into_diagnostic()?;
            Ok((plans, text))
        }
        None => {
            let verbs = wanted(config).iter().map(|plan| plan.verb);
            Ok((Vec::new(), joined::render(verbs).into_diagnostic()?))
        }
    }
}
