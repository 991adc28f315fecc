//! `rbn-plan [plan]`: print the plan, or write it.

use camino::Utf8PathBuf;
use clap::ValueEnum;
use miette::IntoDiagnostic as _;

use super::select::{self, SelectArgs};
use super::{CommandResult, Outcome, print, standard_library};
use crate::emit::{graph::dot, json, nix, writer};

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    /// Write the plan to this file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<Utf8PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The forms of a plan.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Format {
    /// One derivation for each step, for Nix
    #[default]
    Nix,
    /// The document, for programs: see docs/plan.schema.json
    Json,
    /// The graph, for Graphviz
    Dot,
}

/// Plans.
pub fn run(args: &Args) -> CommandResult {
    let text = match args.format {
        Format::Nix => {
            let (workspaces, config) = args.select.read(true)?;
            standard_library::warn(&workspaces, &config);
            nix::render(&select::lower(&workspaces, &config)?).into_diagnostic()?
        }
        Format::Json => json::render(&args.select.plan()?.0),
        Format::Dot => dot::render(&json::document(&args.select.plan()?.0)),
    };
    match &args.output {
        // Only Nix has a place for the mark of a generated file.
        Some(path) if !matches!(args.format, Format::Nix) => {
            writer::write(path, &text)?;
            Ok(Outcome::Done)
        }
        Some(path) => {
            writer::write_generated(path, &text)?;
            Ok(Outcome::Done)
        }
        None => print(&text),
    }
}
