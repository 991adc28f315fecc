//! `rbn-plan [plan]`: print the plan, or write it.

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;
use miette::IntoDiagnostic as _;

use super::select::{self, SelectArgs};
use super::{CommandResult, Outcome, print_exact, print_json, replan, standard_library};
use crate::files::writer;
use crate::picture::dot;
use crate::plan_file::json;
use crate::plan_file::write::nix;

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    /// Write the plan to this file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<Utf8PathBuf>,
    /// What to print [default: by the file's extension, .json or .dot, else nix]
    #[arg(long, value_enum)]
    format: Option<Format>,
}

/// The forms of a plan.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// One derivation for each step, for Nix
    Nix,
    /// The document, for programs: see docs/plan.schema.json
    Json,
    /// The graph, for Graphviz
    Dot,
}

/// The form: what is asked for, else what the file's name says.
fn format(args: &Args) -> Format {
    let extension = args.output.as_ref().and_then(|path| path.extension());
    let named = match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("json") => Format::Json,
        Some("dot" | "gv") => Format::Dot,
        _ => Format::Nix,
    };
    args.format.unwrap_or(named)
}

/// Plans.
pub fn run(args: &Args) -> CommandResult {
    let format = format(args);
    let text = match format {
        Format::Nix => {
            let (workspaces, config) = args.select.read(true)?;
            standard_library::warn(&workspaces, &config);
            let mut plans = select::lower(&workspaces, &config)?;
            if let Some(path) = &args.output {
                writer::directory_of(path)?;
                replan::lie_at(&mut plans, &args.select.place()?.0, path);
            }
            nix::render(&plans).into_diagnostic()?
        }
        Format::Json => json::render(&args.select.plan()?.0),
        Format::Dot => dot::render(&json::document(&args.select.plan()?.0)),
    };
    match &args.output {
        // Only Nix has a place for the mark of a generated file.
        Some(path) if !matches!(format, Format::Nix) => {
            writer::write(path, &text)?;
            Ok(Outcome::Done)
        }
        Some(path) => {
            writer::write_generated(path, &text)?;
            beside(args, path)?;
            Ok(Outcome::Done)
        }
        None if matches!(format, Format::Json) => print_json(&text),
        None => print_exact(&text),
    }
}

/// The plans of checks, where the workspace's own plan was written.
fn beside(args: &Args, path: &Utf8Path) -> miette::Result<()> {
    let (root, config) = args.select.place()?;
    let place = |path: &Utf8Path| path.canonicalize_utf8().ok();
    match place(&root.join(config.nix.output.value.as_path())) {
        Some(own) if place(path).as_ref() == Some(&own) => {
            replan::checks(&args.select, &root, &config)
        }
        _ => Ok(()),
    }
}
