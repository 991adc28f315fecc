//! `rbn-plan graph`: the plan as a picture.

use camino::Utf8PathBuf;
use clap::ValueEnum;
use miette::IntoDiagnostic as _;

use super::select::SelectArgs;
use super::{CommandResult, Outcome, print};
use crate::emit::graph::{dot, html, svg};
use crate::emit::{json, writer};
use crate::review::{StepGraph, Times};

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The kind of picture
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write it to this file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<Utf8PathBuf>,
    /// Recorded times for the critical path: JSON, `{"steps": {"PLATFORM/STEP": MILLISECONDS}}`
    #[arg(long, value_name = "FILE")]
    times: Option<Utf8PathBuf>,
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
    let times = match &args.times {
        None => Times::default(),
        Some(path) => {
            let bytes = std::fs::read(path)
                .map_err(|error| miette::miette!("could not read {path}: {error}"))?;
            serde_json::from_slice(&bytes).map_err(|error| {
                miette::miette!(
                    help =
                        "it looks like {\"steps\": {\"host/syn-2.0.90\": 1200}}, in milliseconds",
                    "{path} holds no times: {error}"
                )
            })?
        }
    };
    let (plan, _) = args.select.plan()?;
    let document = json::document(&plan);
    let steps = StepGraph::of(&document)?;
    let text = match args.format {
        Format::Dot => dot::render(&document),
        Format::Svg => svg::render(&steps),
        Format::Html => html::render(&steps, &times).into_diagnostic()?,
    };
    match &args.output {
        Some(path) => {
            writer::write(path, &text)?;
            Ok(Outcome::Done)
        }
        None => print(&text),
    }
}
