//! `rbn-plan [plan]`: print the plan, or write it.

use camino::Utf8PathBuf;
use miette::IntoDiagnostic as _;

use super::select::SelectArgs;
use super::{CommandResult, Outcome, print};
use crate::emit::{nix, writer};

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    /// Write the plan to this file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<Utf8PathBuf>,
}

/// Plans.
pub fn run(args: &Args) -> CommandResult {
    let (plans, _config) = args.select.plans()?;
    let text = nix::render(&plans).into_diagnostic()?;
    match &args.output {
        Some(path) => {
            writer::write_generated(path, &text)?;
            Ok(Outcome::Done)
        }
        None => print(&text),
    }
}
