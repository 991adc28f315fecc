//! `rbn-plan verify`: prove the plan equal to what Cargo runs.

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use miette::IntoDiagnostic as _;

use super::select::{Loaded, SelectArgs};
use super::{CommandResult, Outcome, print, print_json};
use crate::plan;
use crate::verify::error::{EvaluateError, RecordError};
use crate::verify::session;

/// How the result is printed.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    /// How to print what was found
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Compare what the planner has in memory, without asking Nix what it makes of the plan
    #[arg(long)]
    no_nix: bool,
}

/// Plans, records what Cargo runs, and compares.
pub fn run(args: &Args) -> CommandResult {
    if args.select.is_untrusted() {
        return Err(miette::miette!(
            help = "`check --untrusted` plans without executing anything of the tree",
            "verify has Cargo build the tree, which runs its build scripts and macros"
        ));
    }
    let options = args.select.options()?;
    let Loaded { workspace, config } = args.select.load()?;
    // Without what config.toml adds to steps: that is not Cargo's.
    let plan = plan::lower(&workspace)?;
    let (planned, note) = match session::planned(&plan, config.build.split.value, !args.no_nix) {
        Err(EvaluateError::Interrupted(signal)) => return Ok(interrupted(signal)),
        planned => planned?,
    };
    let program = std::env::current_exe().into_diagnostic()?;

    // Talks to stderr, and only if that is a terminal.
    let style = ProgressStyle::with_template("{prefix} {pos}/{len} {wide_bar} {elapsed}");
    let bar = ProgressBar::new(plan.graph.node_count() as u64)
        .with_style(style.into_diagnostic()?)
        .with_prefix("recording cargo");
    let report = session::verify(&options, &workspace, &planned, program, &mut |units| {
        bar.set_position(units as u64);
    });
    bar.finish_and_clear();
    let mut report = match report {
        Err(RecordError::Interrupted(signal)) => return Ok(interrupted(signal)),
        report => report?,
    };
    report.notes.extend(note);

    match args.format {
        Format::Text => print(&format!("{report}\n"))?,
        Format::Json => {
            let json = serde_json::to_string_pretty(&report).into_diagnostic()?;
            print_json(&format!("{json}\n"))?
        }
    };
    Ok(if report.is_equal() { Outcome::Done } else { Outcome::Different })
}

fn interrupted(signal: i32) -> Outcome {
    eprintln!("interrupted; nothing was left behind");
    Outcome::Interrupted(signal)
}
