//! `rbn-plan graph`: the plan as a picture.

use camino::Utf8PathBuf;
use clap::ValueEnum;
use miette::IntoDiagnostic as _;

use super::select::SelectArgs;
use super::times::TimesArgs;
use super::{CommandResult, Outcome, print};
use crate::emit::graph::{dot, html, svg};
use crate::emit::{json, writer};
use crate::review::StepGraph;

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The kind of picture
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write it to this file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<Utf8PathBuf>,
    #[command(flatten)]
    times: TimesArgs,
    #[command(flatten)]
    select: SelectArgs,
}

/// The kinds of pictures.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For Graphviz
    #[default]
    Dot,
    /// A drawing
    Svg,
    /// One page for a browser: search, filter, follow
    Html,
}

/// Draws.
pub fn run(args: &Args) -> CommandResult {
    let (plan, loaded) = args.select.plan_of_workspace()?;
    let document = json::document(&plan);
    let steps = StepGraph::of(&document)?;
    let text = match args.format {
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
        None => print(&text),
    }
}
