//! `rbn-plan test`, `coverage`, `bench`, `clippy`, `doc`, `fmt`: Cargo's checks as cached steps.
//!
//! Plans what Cargo's command would run, lets Nix build the reports of it, and tells what they say.

use camino::Utf8PathBuf;
use clap::ValueHint;
use console::strip_ansi_codes;

use super::build::{self, Colour};
use super::select::{Only, SelectArgs};
use super::{CommandResult, Outcome, print};
use crate::cargo::selection::Command;
use crate::checks::{self, Checked, ChecksError, junit, lints, summary};
use crate::files::writer;
use crate::text::words::count;

mod measured;
mod pages;

/// How it ends, for --help.
const ENDS: &str = "\
Exit code: 0 if all is well; 1 if a check found something, a step or Nix failed; 2 for wrong usage, \
or a workspace that cannot be planned; 129, 130, 143 after a signal (HUP, Ctrl-C, TERM). What was \
checked already and has not changed is told again, not run again.";

/// The flags of all checks.
#[derive(Debug, clap::Args)]
#[command(after_help = ENDS)]
pub struct Args {
    /// Run only the tests in documentation
    #[arg(long, help_heading = "Selection")]
    doc: bool,
    /// Make no pages of dependencies
    #[arg(long, help_heading = "Selection")]
    no_deps: bool,
    /// Show the pages in a browser: the one that BROWSER names, else the desktop's
    #[arg(long)]
    open: bool,
    /// Write what tests found as JUnit XML to this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    junit: Option<Utf8PathBuf>,
    #[command(flatten)]
    measured: measured::Asked,
    /// Show the log of every step that is built
    #[arg(short = 'L', long)]
    print_build_logs: bool,
    /// How many steps are built at once [default: max-jobs of nix.conf]
    #[arg(short, long, visible_alias = "max-jobs", value_name = "N")]
    jobs: Option<String>,
    /// Nothing to add: all is run that does not need what failed
    #[arg(long, alias = "keep-going")]
    no_fail_fast: bool,
    /// Nothing to add: `fmt` changes no file
    #[arg(long)]
    check: bool,
    /// Show no progress, only what was found
    #[arg(short, long)]
    quiet: bool,
    /// Show the commands of steps that fail, and that of Nix
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
    /// When there are colours
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
    #[command(flatten)]
    select: SelectArgs,
    /// Cargo's older word for --workspace, and its only one for `fmt`
    #[arg(long, hide = true)]
    all: bool,
    /// Run only the tests and benchmarks whose names contain this (test, coverage, bench)
    #[arg(value_name = "TESTNAME")]
    name: Option<String>,
    /// Arguments for each test program or benchmark, or lint flags for clippy, after `--`
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<String>,
}

impl Args {
    /// What each program is called with. As with Cargo, the name comes first.
    fn words(&self, command: Command) -> Vec<String> {
        // `cargo fmt -- --check` is what is done in any case, and rustfmt takes it once.
        let is_said = |word: &&String| command == Command::Fmt && *word == "--check";
        self.name.iter().chain(&self.args).filter(|word| !is_said(word)).cloned().collect()
    }
}

/// Checks.
pub fn run(command: Command, args: &Args) -> CommandResult {
    refused(command, args)?;
    let only = Only { doc: args.doc, no_deps: args.no_deps };
    let select = if args.all { args.select.of_all() } else { args.select.clone() };
    let select = select.for_check(command, only, &args.words(command));
    let (is_doc, is_coverage) = (command == Command::Doc, command == Command::Coverage);
    let wanted = build::Wanted {
        select,
        attribute: match command {
            Command::Doc => "docs",
            Command::Coverage => "coverage",
            _ => "report",
        },
        jobs: args.jobs.clone(),
        logs: args.print_build_logs,
        quiet: args.quiet,
        verbose: args.verbose,
        colour: args.color,
    };
    if is_coverage {
        measured::ready(&wanted.select)?;
    }
    let built = build::wanted(wanted)?;
    let Some(dir) = built.path.filter(|_| built.outcome == Outcome::Done) else {
        return Ok(built.outcome);
    };
    let all = checks::read(&if is_doc || is_coverage { dir.join("reports") } else { dir.clone() })?;
    let usual = built.target.unwrap_or_default();
    skips(&all)?;
    if let Some(file) = &args.junit {
        writer::write(file, &junit::render(&all, &usual)?)?;
    }
    match command {
        Command::Clippy => tell_lints(&all)?,
        Command::Doc => pages::tell(&all, &dir, &usual, args.open)?,
        Command::Fmt => print(&summary::formatting(&all))?,
        _ => {
            print(&summary::tests(&all, &usual))?;
            nightly(&all)?
        }
    };
    let passed = all.iter().all(|checked| checked.report.passed());
    if is_coverage && measured::tell(&args.measured, &dir, &usual, args.open)? == Outcome::Failed {
        return Ok(Outcome::Failed);
    }
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

/// Tests that fail because the compiler is a stable one are no findings, where nothing else failed.
fn nightly(all: &[Checked]) -> CommandResult {
    match checks::nightly::wanted(all) {
        (tests, true) if !tests.is_empty() => {
            Err(ChecksError::Nightly(tests.into_iter().map(str::to_owned).collect()).into())
        }
        _ => Ok(Outcome::Done),
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
    text.push_str(&format!(
        "Summary: {}, {}\n",
        count(errors, "error"),
        count(warnings, "warning")
    ));
    print(&text)
}

/// Flags that another check has, and a name where no program is run that has names.
fn refused(command: Command, args: &Args) -> miette::Result<()> {
    let runs = matches!(command, Command::Test | Command::Coverage | Command::Bench);
    if let Some(name) = args.name.as_ref().filter(|_| !runs) {
        let verb = command.verb();
        let flags = if command == Command::Clippy { "; lint flags follow `--`" } else { "" };
        return Err(miette::miette!(
            help = format!("for one package: rbn-plan {verb} -p {name}{flags}"),
            "`rbn-plan {verb}` runs no tests, so it takes no name of one: `{name}`"
        ));
    }
    if command == Command::Doc && !args.args.is_empty() {
        return Err(miette::miette!(
            help = "leave out what follows `--`",
            "`rbn-plan doc` makes pages as `cargo doc` does, and hands no arguments to rustdoc"
        ));
    }
    let wrong = [
        ("--check", args.check && command != Command::Fmt, "fmt"),
        ("--doc", args.doc && command != Command::Test, "test"),
        ("--no-deps", args.no_deps && command != Command::Doc, "doc"),
        (
            "--open",
            args.open && !matches!(command, Command::Doc | Command::Coverage),
            "doc` or `rbn-plan coverage",
        ),
        ("--lcov", args.measured.lcov.is_some() && command != Command::Coverage, "coverage"),
        (
            "--fail-under-lines",
            args.measured.fail_under_lines.is_some() && command != Command::Coverage,
            "coverage",
        ),
    ];
    match wrong.into_iter().find(|(_, wrong, _)| *wrong) {
        Some((flag, _, verb)) => Err(miette::miette!(
            help = "leave it out here",
            "`{flag}` is a flag of `rbn-plan {verb}`, not of `rbn-plan {}`",
            command.verb()
        )),
        None => Ok(()),
    }
}
