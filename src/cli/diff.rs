//! `rbn-plan diff`: what changed between two plans, what is built again, and why.

use camino::Utf8Path;
use clap::ValueEnum;
use miette::IntoDiagnostic as _;
use similar::TextDiff;

use super::document::{self, PlanText};
use super::select::{Again, SelectArgs};
use super::times::TimesArgs;
use super::{CommandResult, Outcome, print, print_json};
use crate::files::reader;
use crate::model::{Document, Plan};
use crate::plan_file::write::nix;
use crate::review::report as emit;
use crate::review::{StepGraph, Times};

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

/// Compares.
pub fn run(args: &Args) -> CommandResult {
    let (old_text, new_text) = texts(args)?;
    let old = document::parse_all(&old_text)?;
    let (new, new_text) = match new_text {
        Some(text) => (document::parse_all(&text)?, text),
        None => {
            let plans = workspace_plans(args, &old_text)?;
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
    if args.unified {
        let text = unified(&old_text, &new_text);
        print(&text)?;
        return Ok(if text.is_empty() { Outcome::Done } else { Outcome::Different });
    }
    let (root, config) = args.select.place()?;
    let times = match new.on(&document::here()) {
        Some(own) => args.times.load(&root, &config, &StepGraph::of(own)?)?,
        None => Times::default(),
    };
    let diff = document::compare(&old, &new, &times)?;
    match args.format {
        Format::Text => print(&emit::text::diff(&diff))?,
        Format::Markdown => print(&emit::markdown::diff(&diff))?,
        Format::Json => {
            let json = serde_json::to_string_pretty(&diff).into_diagnostic()?;
            print_json(&format!("{json}\n"))?
        }
    };
    Ok(if diff.is_empty() { Outcome::Done } else { Outcome::Different })
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
