//! `rbn-plan test`, `bench`, `clippy`, `doc`: Cargo's checks as cached steps.
//!
//! Plans what Cargo's command would run, lets Nix build the reports of it, and tells what they say.

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueHint;
use console::strip_ansi_codes;

use super::build::{self, Colour};
use super::select::SelectArgs;
use super::{CommandResult, Outcome, print};
use crate::cargo::selection::Command;
use crate::checks::{self, Checked, ChecksError, junit, lints, summary};
use crate::files::writer;

/// How it ends, for --help.
const ENDS: &str = "\
Exit code: 0 if all is well; 1 if a check found something, a step or Nix failed; 2 for wrong usage,
or a workspace that cannot be planned; 129, 130, 143 after a signal (HUP, Ctrl-C, TERM). What was
checked already and has not changed is told again, not run again.";

/// The flags of all checks.
#[derive(Debug, clap::Args)]
#[command(after_help = ENDS)]
pub struct Args {
    /// Run only the tests in documentation
    #[arg(long, help_heading = "Selection")]
    doc: bool,
    /// Write what tests found as JUnit XML to this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    junit: Option<Utf8PathBuf>,
    /// Show the log of every step that is built
    #[arg(short = 'L', long)]
    print_build_logs: bool,
    /// How many steps are built at once [default: max-jobs of nix.conf]
    #[arg(short, long, visible_alias = "max-jobs", value_name = "N")]
    jobs: Option<String>,
    /// Show no progress, only what was found
    #[arg(short, long)]
    quiet: bool,
    /// When there are colours
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
    #[command(flatten)]
    select: SelectArgs,
    /// Arguments for each test program or benchmark, or lint flags for clippy, after `--`
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<String>,
}

/// Checks.
pub fn run(command: Command, args: &Args) -> CommandResult {
    let select = args.select.for_check(command, args.doc, &args.args);
    let wanted = build::Wanted {
        select,
        attribute: "report",
        jobs: args.jobs.clone(),
        logs: args.print_build_logs,
        quiet: args.quiet,
        colour: args.color,
    };
    let built = build::wanted(wanted)?;
    let Some(dir) = built.path.filter(|_| built.outcome == Outcome::Done) else {
        return Ok(built.outcome);
    };
    let all = checks::read(&dir)?;
    let usual = built.target.unwrap_or_default();
    skips(&all)?;
    if let Some(file) = &args.junit {
        writer::write(file, &junit::render(&all, &usual)?)?;
    }
    match command {
        Command::Clippy => tell_lints(&all)?,
        Command::Doc => tell_pages(&all, &dir)?,
        _ => print(&summary::tests(&all, &usual))?,
    };
    let passed = all.iter().all(|checked| checked.report.passed());
    Ok(if passed { Outcome::Done } else { Outcome::Failed })
}

/// A pattern of the skip list must name a test of some program.
fn skips(all: &[Checked]) -> Result<(), ChecksError> {
    let lists = all.iter().flat_map(|checked| &checked.report.skipped);
    let unused = |pattern: &&String| {
        let of_pattern = all.iter().filter_map(|checked| checked.report.skipped.get(*pattern));
        of_pattern.into_iter().all(|count| count == "0")
    };
    match lists.map(|(pattern, _)| pattern).find(unused) {
        Some(pattern) => Err(ChecksError::Skip(pattern.clone())),
        None => Ok(()),
    }
}

fn tell_lints(all: &[Checked]) -> CommandResult {
    let (found, others) = lints::of(all);
    let mut text = String::new();
    for lint in &found {
        text.push_str(&strip_ansi_codes(lint.rendered.as_deref().unwrap_or_default()));
        text.push('\n');
    }
    for line in others {
        text.push_str(&line);
        text.push('\n');
    }
    let of = |level: &str| found.iter().filter(|lint| lint.level == level).count();
    let (errors, warnings) = (of("error"), of("warning"));
    text.push_str(&format!("Summary: {errors} errors, {warnings} warnings\n"));
    print(&text)
}

fn tell_pages(all: &[Checked], dir: &Utf8Path) -> CommandResult {
    let mut text = String::new();
    for checked in all {
        if !checked.report.passed() {
            text.push_str(&format!("--- {} {}\n", checked.name(""), checked.ended()));
        }
        text.push_str(&checked.said.1);
    }
    text.push_str(&format!("Pages: {dir}\n"));
    print(&text)
}
