//! `rbn-plan diff`: what changed between two plans, what is built again, and why.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;
use miette::IntoDiagnostic as _;
use serde::Serialize;
use similar::TextDiff;

use super::check_plans;
use super::document::{self, PlanFileError, PlanText};
use super::select::{Again, SelectArgs};
use super::times::TimesArgs;
use super::{CommandResult, Outcome, print, print_json};
use crate::files::reader;
use crate::model::{Document, Plan};
use crate::plan_file::write::nix;
use crate::review::report as emit;
use crate::review::{Diff, StepGraph, Times};

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The old plan: a git revision, a file, or a directory
    #[arg(value_name = "OLD", default_value = "HEAD")]
    old: String,
    /// The new plan, given in the same way [default: the plan of the workspace as it is]
    #[arg(value_name = "NEW")]
    new: Option<String>,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print the difference of the two texts, line by line
    #[arg(long, conflicts_with = "format")]
    unified: bool,
    #[command(flatten)]
    times: TimesArgs,
    #[command(flatten)]
    select: SelectArgs,
}

/// The forms of a difference.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For a terminal, 80 columns
    #[default]
    Text,
    /// For a comment on a pull request
    Markdown,
    /// For programs
    Json,
}

/// What lies between the two versions of a file.
struct Compared {
    /// The file, from the workspace root.
    path: Utf8PathBuf,
    old: PlanText,
    new: PlanText,
    diff: Diff,
}

/// Differences for programs.
#[derive(Serialize)]
struct Told<'d> {
    #[serde(flatten)]
    own: &'d Diff,
    /// Of the plans of checks those that differ, by their files.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    checks: BTreeMap<&'d str, &'d Diff>,
}

/// Compares.
pub fn run(args: &Args) -> CommandResult {
    let (old_text, new_text) = texts(args)?;
    let own =
        compared(args, Utf8PathBuf::new(), old_text, new_text, &|old| workspace_plans(args, old))?;
    let checks = checks(args)?;
    if args.unified {
        let all = std::iter::once(&own).chain(&checks);
        let text: String = all.map(|one| unified(&one.old, &one.new)).collect();
        print(&text)?;
        return Ok(if text.is_empty() { Outcome::Done } else { Outcome::Different });
    }
    let told = checks.iter().filter(|one| !one.diff.is_empty());
    match args.format {
        Format::Text => {
            let mut text = emit::text::diff(&own.diff);
            for one in told.clone() {
                text.push_str(&format!("\n{}\n{}", one.path, emit::text::diff(&one.diff)));
            }
            print(&text)?
        }
        Format::Markdown => {
            let mut text = emit::markdown::diff(&own.diff);
            for one in told.clone() {
                text.push_str(&format!("\n`{}`\n\n{}", one.path, emit::markdown::diff(&one.diff)));
            }
            print(&text)?
        }
        Format::Json => {
            let checks = told.clone().map(|one| (one.path.as_str(), &one.diff)).collect();
            let json = serde_json::to_string_pretty(&Told { own: &own.diff, checks });
            print_json(&format!("{}\n", json.into_diagnostic()?))?
        }
    };
    let is_same = own.diff.is_empty() && told.count() == 0;
    Ok(if is_same { Outcome::Done } else { Outcome::Different })
}

/// Compares two texts, or one with what `plan` makes of it now.
fn compared(
    args: &Args,
    path: Utf8PathBuf,
    old_text: PlanText,
    new_text: Option<PlanText>,
    plan: &dyn Fn(&PlanText) -> miette::Result<Vec<Plan>>,
) -> miette::Result<Compared> {
    let old = document::parse_all(&old_text)?;
    let (new, new_text) = match new_text {
        Some(text) => (document::parse_all(&text)?, text),
        None => {
            let plans = plan(&old_text)?;
            let fresh = document::fresh(&plans);
            let is_nix = old_text.text.starts_with('#');
            let text = match (args.unified, is_nix) {
                (false, _) => String::new(),
                (true, true) => nix::render(&plans).into_diagnostic()?,
                (true, false) => {
                    fresh.on(&document::here()).map(Document::write).unwrap_or_default()
                }
            };
            (fresh, PlanText { name: "the workspace".to_owned(), text })
        }
    };
    let (root, config) = args.select.place()?;
    let times = match new.on(&document::here()) {
        Some(own) if !args.unified => args.times.load(&root, &config, &StepGraph::of(own)?)?,
        _ => Times::default(),
    };
    let diff = document::compare(&old, &new, &times)?;
    Ok(Compared { path, old: old_text, new: new_text, diff })
}

/// The plans of checks that are on both sides: what was not there yet has nothing to compare with.
fn checks(args: &Args) -> miette::Result<Vec<Compared>> {
    let is_file = |given: &String| Utf8Path::new(given).is_file();
    if is_file(&args.old) || args.new.as_ref().is_some_and(is_file) {
        return Ok(Vec::new());
    }
    let (root, config) = args.select.place()?;
    let mut all = Vec::new();
    for (path, plan) in check_plans::places(&config)? {
        let find = |given: &String| match document::find(given, &root, &path) {
            Err(PlanFileError::NotThere { .. } | PlanFileError::Empty { .. }) => Ok(None),
            found => found.map(Some),
        };
        let (Some(_), Some(old)) = (plan, find(&args.old)?) else { continue };
        let new = args.new.as_ref().map(find).transpose()?;
        if matches!(new, Some(None)) {
            continue;
        }
        let fresh = |_: &PlanText| Ok(check_plans::made(&args.select, &root, &config, plan)?.0);
        all.push(compared(args, path.clone(), old, new.flatten(), &fresh)?);
    }
    Ok(all)
}

/// The plans of the workspace as it is: those of its own plan's file, made anew. What that file was
/// asked for, its own header says; another plan's header says it only where there is no such file.
fn workspace_plans(args: &Args, old: &PlanText) -> miette::Result<Vec<Plan>> {
    let (root, config) = args.select.place()?;
    let own = reader::text(root.join(config.nix.output.value.as_path()));
    let header = own.as_deref().unwrap_or(&old.text);
    let (Again::Same(select) | Again::Other(select, _)) = args.select.again(Some(header))?;
    Ok(select.plans()?.0)
}

/// The plans that are given, of which the new one may be missing.
fn texts(args: &Args) -> miette::Result<(PlanText, Option<PlanText>)> {
    // Two files are compared wherever they lie, and no compiler is asked.
    if let Some(new) = &args.new {
        let (old, new) = (Utf8Path::new(&args.old), Utf8Path::new(new));
        if old.is_file() && new.is_file() {
            return Ok((document::file_text(old)?, Some(document::file_text(new)?)));
        }
    }
    let (root, config) = args.select.place()?;
    let output = config.nix.output.value.as_path();
    let old = document::find(&args.old, &root, output)?;
    let new = args.new.as_ref().map(|new| document::find(new, &root, output)).transpose()?;
    Ok((old, new))
}

/// The difference of two texts; empty where there is none.
pub fn unified(old: &PlanText, new: &PlanText) -> String {
    let diff = TextDiff::from_lines(old.text.as_str(), new.text.as_str());
    diff.unified_diff().context_radius(3).header(&old.name, &new.name).to_string()
}
