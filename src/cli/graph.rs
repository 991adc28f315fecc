//! `rbn-plan graph`: the plan as a picture.

use std::num::NonZeroUsize;

use camino::Utf8PathBuf;
use clap::ValueEnum;
use miette::{Diagnostic, IntoDiagnostic as _};
use thiserror::Error;

use super::select::SelectArgs;
use super::times::TimesArgs;
use super::{CommandResult, Outcome, print, print_exact, replan};
use crate::files::writer;
use crate::picture::{dot, html, svg};
use crate::plan_file::json;
use crate::review::simulate::{self, Machine};
use crate::review::{StepGraph, Times, report};

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The kind of picture [default: by the file's extension, else dot]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write it to this file, whole or not at all: .dot, .gv, .svg or .html
    #[arg(short, long, value_name = "FILE")]
    output: Option<Utf8PathBuf>,
    /// Draw nothing: say how long builds would take on machines of so many cores, by recorded times
    #[arg(long, value_name = "CORES", value_delimiter = ',', conflicts_with = "output")]
    simulate: Vec<NonZeroUsize>,
    /// With --simulate: builds after an edit of this package, too (may be given several times)
    /// [default: three members of the workspace, the one that most others need, a middle one, and the
    /// one that fewest need]
    #[arg(long, value_name = "PACKAGE", requires = "simulate")]
    edit: Vec<String>,
    /// With --simulate: how many threads generate the code of one crate at most
    #[arg(long, value_name = "N", default_value = "16", requires = "simulate")]
    threads: NonZeroUsize,
    #[command(flatten)]
    times: TimesArgs,
    #[command(flatten)]
    select: SelectArgs,
}

/// The kinds of pictures.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For Graphviz
    Dot,
    /// A drawing
    Svg,
    /// One page for a browser: search, filter, follow
    Html,
    /// For programs, with --simulate
    Json,
}

/// A format that the command does not have for what it was asked.
#[derive(Debug, Error, Diagnostic)]
enum OtherFormat {
    /// A picture of a simulation.
    #[error("a simulation is no picture: it is told as text, or with --format json")]
    #[diagnostic(help("leave --format out, or --simulate"))]
    Picture,
    /// A graph as JSON.
    #[error("--format json is for --simulate")]
    #[diagnostic(help("`rbn-plan plan --format json` has the plan's steps and what they need"))]
    Json,
}

/// A file for a picture that is not drawn here.
#[derive(Debug, Error, Diagnostic)]
#[error("`{0}` is no name for a picture of this command: its kinds are .dot, .svg and .html")]
#[diagnostic(help(
    "name the kind with --format; Graphviz draws others: `rbn-plan graph | dot -Tpng -o {0}`"
))]
struct OtherKind(Utf8PathBuf);

/// The kind of picture: what is asked for, else what the file's name says.
fn format(args: &Args) -> Result<Format, OtherKind> {
    let Some(path) = &args.output else { return Ok(args.format.unwrap_or(Format::Dot)) };
    let extension = path.extension().map(str::to_ascii_lowercase);
    let named = match extension.as_deref() {
        None | Some("dot" | "gv") => Some(Format::Dot),
        Some("svg") => Some(Format::Svg),
        Some("html" | "htm") => Some(Format::Html),
        Some(_) => None,
    };
    args.format.or(named).ok_or_else(|| OtherKind(path.clone()))
}

/// A package that cannot be edited.
#[derive(Debug, Error, Diagnostic)]
#[error("the plan has no package `{0}` that could be edited")]
#[diagnostic(help(
    "`rbn-plan steps` lists the steps of the plan, which are named by their packages"
))]
struct NoPackage(String);

/// There is nothing to simulate by.
#[derive(Debug, Error, Diagnostic)]
#[error("no time of a step is recorded here")]
#[diagnostic(help("build once with `rbn-plan build`, or name a file of times with --times"))]
struct NoTimes;

/// How long builds would take.
fn simulated(args: &Args, steps: &StepGraph<'_>, times: &Times) -> miette::Result<String> {
    if !times.any() {
        return Err(NoTimes.into());
    }
    let machines: Vec<Machine> = args
        .simulate
        .iter()
        .map(|cores| Machine { cores: cores.get(), threads: args.threads.get() })
        .collect();
    let is_json = match args.format {
        None => false,
        Some(Format::Json) => true,
        Some(Format::Dot | Format::Svg | Format::Html) => return Err(OtherFormat::Picture.into()),
    };
    let mut edits = args.edit.clone();
    for name in &edits {
        if !steps.graph.node_weights().any(|node| node.package.name == *name) {
            return Err(NoPackage(name.clone()).into());
        }
    }
    if edits.is_empty() {
        let all = simulate::deepest(steps);
        edits.extend(
            [0, all.len() / 2, all.len().saturating_sub(1)]
                .iter()
                .filter_map(|at| all.get(*at))
                .cloned(),
        );
        edits.dedup();
    }
    let simulation = simulate::simulate(steps, times, &machines, &edits);
    match is_json {
        false => Ok(report::simulate::text(steps, &simulation)),
        true => Ok(format!("{:#}\n", report::simulate::json(steps, &simulation))),
    }
}

/// Draws.
pub fn run(args: &Args) -> CommandResult {
    let format = format(args)?;
    let (plan, loaded) = replan::selected(&args.select)?.plan_of_workspace()?;
    let document = json::document(&plan);
    let steps = StepGraph::of(&document)?;
    if !args.simulate.is_empty() {
        let times = args.times.load(&loaded.workspace.root, &loaded.config, &steps)?;
        return print(&simulated(args, &steps, &times)?);
    }
    let text = match format {
        Format::Json => return Err(OtherFormat::Json.into()),
        Format::Dot => dot::render(&document),
        Format::Svg => svg::render(&steps),
        Format::Html => {
            let times = args.times.load(&loaded.workspace.root, &loaded.config, &steps)?;
            html::render(&steps, &times).into_diagnostic()?
        }
    };
    match &args.output {
        Some(path) => {
            writer::write(path, &text)?;
            Ok(Outcome::Done)
        }
        None => print_exact(&text),
    }
}
