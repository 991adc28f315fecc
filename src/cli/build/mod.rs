//! `rbn-plan build`: plan, let Nix build, and say what came of it.

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;
use thiserror::Error;

pub use self::args::Args;
use self::prepare::Prepared;
use self::session::Session;
pub use self::view::Colour;
use super::check_plans;
use super::replan;
use super::select::SelectArgs;
use super::shell;
use super::toolchain::host_toolchain;
use super::{CommandResult, Outcome, print_exact};
use crate::build::store::Store;
use crate::build::{self, run};
use crate::nix::escape;
use crate::review::StepGraph;
use crate::text::words::count;

mod args;
pub mod command;
mod dry_run;
pub mod prepare;
mod session;
mod view;
mod watch;
mod written;

/// Builds, once or again and again.
pub fn run(args: &Args) -> CommandResult {
    if args.watch {
        watch::run(args, &mut |planned| once(args, planned))
    } else {
        once(args, &mut |_| ())
    }
}

/// What another command wants built of a plan.
pub struct Wanted {
    /// The selection.
    pub select: SelectArgs,
    /// The attribute; in a member's directory that of its package alone.
    pub attribute: &'static str,
    /// How many steps are built at once.
    pub jobs: Option<String>,
    /// Whether the log of every step is shown.
    pub logs: bool,
    /// Whether nothing is shown but what must be.
    pub quiet: bool,
    /// Whether the commands of steps that fail are shown.
    pub verbose: bool,
    /// When there are colours.
    pub colour: Colour,
}

/// What came of it.
pub struct Built {
    /// How it ended.
    pub outcome: Outcome,
    /// The output, where there is one.
    pub path: Option<Utf8PathBuf>,
    /// The target that is usual in the plan.
    pub target: Option<String>,
}

/// Builds one attribute for another command, as [`run`] does.
pub fn wanted(wanted: Wanted) -> miette::Result<Built> {
    let mut args = Args::without_link(wanted.select);
    args.print_build_logs = wanted.logs;
    args.jobs = wanted.jobs;
    args.quiet = wanted.quiet;
    args.verbose = wanted.verbose;
    args.color = wanted.colour;
    let prepared = prepare::prepare(&args.select, &args.nix, false)?;
    let of_member = prepared.member.as_ref().and_then(|member| prepared.package_in(member));
    args.attr = vec![match of_member {
        Some(package) => format!("{}Of.{}", wanted.attribute, escape::attr(package)),
        None => wanted.attribute.to_owned(),
    }];
    let (outcome, stdout) = build(&args, &prepared, &mut |_| ())?;
    let path = command::out_paths(&stdout).lines().next().map(Utf8PathBuf::from);
    let target = prepared.default_target.as_ref().map(ToString::to_string);
    Ok(Built { outcome, path, target })
}

/// Builds attributes of what is prepared for another command, with all that does not need what failed.
pub fn attributes(prepared: &Prepared, attr: Vec<String>, quiet: bool) -> CommandResult {
    let args = Args { attr, quiet, ..Args::without_link(SelectArgs::default()) };
    build(&args, prepared, &mut |_| ()).map(|(outcome, _)| outcome)
}

/// Flags that select another plan, beside checks of which config.toml alone says what they are of.
#[derive(Debug, Error, Diagnostic)]
#[error("`--checks` goes with the committed plan, and these flags ask for another one")]
#[diagnostic(help(
    "leave them out; or run one check with them, such as `rbn-plan test` or `rbn-plan clippy`"
))]
struct OtherPlan;

/// Builds; `planned` is told what was planned, before Nix starts.
fn once(args: &Args, planned: &mut dyn FnMut(&Prepared)) -> CommandResult {
    let prepared = prepare::prepare(&args.select, &args.nix, args.dry_run)?;
    if args.checks && !prepared.is_committed() {
        return Err(OtherPlan.into());
    }
    let (outcome, _) = build(args, &prepared, planned)?;
    // Who builds at each change has the plans of checks made anew by the next build that does not.
    let is_once = !args.dry_run && !args.watch;
    if is_once && prepared.is_committed() && !matches!(outcome, Outcome::Interrupted(_)) {
        replan::checks(&args.select, &prepared.root, &prepared.config)?;
    }
    match outcome {
        Outcome::Done if args.checks => checks(args, prepared),
        outcome => Ok(outcome),
    }
}

/// Runs the planned checks, whose files are up to date: the gate of each package, so that one that fails hides no
/// other.
fn checks(args: &Args, prepared: Prepared) -> CommandResult {
    let Some(joined) = check_plans::joined_place(&prepared.config)? else {
        eprintln!("config.toml plans no checks (`checks.plans`)");
        return Ok(Outcome::Done);
    };
    let prepared = prepared.with_file(joined);
    let args = Args {
        attr: vec!["flat".to_owned()],
        jobs: args.jobs.clone(),
        print_build_logs: args.print_build_logs,
        quiet: args.quiet,
        verbose: args.verbose,
        color: args.color,
        nix: args.nix.clone(),
        ..Args::without_link(args.select.clone())
    };
    let (outcome, stdout) = build(&args, &prepared, &mut |_| ())?;
    let gates = run::tops(&stdout).len();
    if outcome == Outcome::Done && !args.quiet && gates > 0 {
        eprintln!("{} passed.", count(gates, "planned check"));
    }
    Ok(outcome)
}

/// Builds what is prepared, and gives back what Nix printed.
fn build(
    args: &Args,
    prepared: &Prepared,
    planned: &mut dyn FnMut(&Prepared),
) -> miette::Result<(Outcome, Vec<u8>)> {
    let graph = StepGraph::of(&prepared.document)?;
    // A name that is none is told before anything is written.
    let command = command::words(args, prepared, &graph)?;
    prepared.write(args.dry_run)?;
    planned(prepared);
    if args.dry_run {
        let scope = command::scope(args, prepared, &graph)?;
        return Ok((dry_run::run(&command, prepared, &graph, scope)?, Vec::new()));
    }
    if !args.quiet {
        eprintln!("+ {}", shell::line(command.iter().map(String::as_str)));
    }
    let before = prepared.cache_figures();
    let known = prepared.timelines().1.join(super::times::FILE);
    let known = super::times::earlier(&known, &mut Store::new(&graph));
    let mut session = Session::new(args, &graph, known);
    let started = now();
    let ended = run::run(&command, &prepared.dir, |event| session.take(event))?;
    let outcome = match (ended.signal, ended.status.success()) {
        (Some(_), _) => build::Outcome::Interrupted,
        (None, true) => build::Outcome::Done,
        (None, false) => build::Outcome::Failed,
    };
    let keeps_going = command.iter().any(|word| word == "--keep-going" || word == "-k");
    session.finish(ended.milliseconds, outcome, keeps_going);
    // What Nix was asked to print for programs, it prints.
    if args.nix.iter().any(|word| word == "--json" || word == "--print-out-paths") {
        print_exact(&String::from_utf8_lossy(&ended.stdout))?;
    } else if args.print_out_paths {
        print_exact(&command::out_paths(&ended.stdout))?;
    }
    // Nothing was to be built: there is nothing to tell.
    if !args.nix.iter().any(|word| word == "--dry-run") {
        let cache = prepared.cache_use(before);
        let facts = build::assemble::Facts {
            profile: prepared.config.build.profile.value.as_str().to_owned(),
            command,
            started,
            milliseconds: ended.milliseconds,
            outcome,
            scope: None,
            cache,
            processors: None,
        };
        let record = session.record(facts, &run::tops(&ended.stdout));
        if !(args.quiet && outcome == build::Outcome::Done) {
            eprint!("{}", build::report::text::summary(&record));
        }
        if !args.no_timeline && !record.is_empty() {
            let named = args.timeline.as_ref().map(|dir| prepared.dir.join(dir));
            let named = named.map(|dir| (dir.clone(), dir));
            let (within, dir) = named.unwrap_or_else(|| prepared.timelines());
            let shown = prepare::seen(&dir, &prepared.dir);
            written::write(&within, &dir, &shown, &record, &graph, args.quiet);
        }
    }
    if outcome == build::Outcome::Failed {
        let has = |path: &Utf8Path| prepared.root.join(path).exists();
        let text = session.failures(&has, &|| sandbox_line(prepared));
        if !text.is_empty() {
            eprint!("\n{text}");
        }
    }
    let outcome = match (ended.signal, outcome) {
        (Some(signal), _) => Outcome::Interrupted(signal),
        (None, build::Outcome::Done) => Outcome::Done,
        _ if session.lacks_program() => Outcome::BadInput,
        _ => Outcome::Failed,
    };
    Ok((outcome, ended.stdout))
}

/// The line of nix.conf that shows the sandbox this machine's own tools.
fn sandbox_line(prepared: &Prepared) -> Option<String> {
    let tools = host_toolchain(&prepared.dir, Some(&prepared.config)).ok()?;
    let paths = tools.sandbox_paths.iter().map(ToString::to_string);
    let paths: Vec<String> = paths.chain([tools.shown_script_shell()]).collect();
    Some(format!("extra-sandbox-paths = {}", paths.join(" ")))
}

/// Seconds since 1970.
fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map(|since| since.as_secs()).unwrap_or_default()
}
