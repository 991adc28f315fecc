//! `rbn-plan graph`: the plan as a picture.

use camino::Utf8PathBuf;
use clap::ValueEnum;
use miette::{Diagnostic, IntoDiagnostic as _};
use thiserror::Error;

use super::select::SelectArgs;
use super::times::TimesArgs;
use super::{CommandResult, Outcome, print_exact, replan};
use crate::files::writer;
use crate::picture::{dot, html, svg};
use crate::plan_file::json;
use crate::review::StepGraph;

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The kind of picture [default: by the file's extension, else dot]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write it to this file, whole or not at all: .dot, .gv, .svg or .html
    #[arg(short, long, value_name = "FILE")]
    output: Option<Utf8PathBuf>,
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

/// Draws.
pub fn run(args: &Args) -> CommandResult {
    let format = format(args)?;
    let (plan, loaded) = replan::selected(&args.select)?.plan_of_workspace()?;
    let document = json::document(&plan);
    let steps = StepGraph::of(&document)?;
    let text = match format {
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
