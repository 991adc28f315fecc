//! `rbn-plan build`: plan, let Nix build, and say what came of it.

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueHint;

use self::prepare::Prepared;
use self::session::Session;
pub use self::view::Colour;
use super::select::SelectArgs;
use super::shell;
use super::toolchain::host_toolchain;
use super::{CommandResult, Outcome, print_exact};
use crate::build::store::Store;
use crate::build::{self, run};
use crate::nix::escape;
use crate::review::StepGraph;

mod command;
mod dry_run;
mod prepare;
mod session;
mod view;
mod written;

/// How it ends, for --help.
const ENDS: &str = "\
Exit code: 0 if all was built; 1 if a step or Nix failed; 2 for wrong usage, or a workspace that
cannot be planned; 129, 130, 143 after a signal (HUP, Ctrl-C, TERM), when Nix has stopped its
builders and ended.";

/// The command's flags.
#[derive(Debug, clap::Args)]
#[command(after_help = ENDS)]
pub struct Args {
    /// What to build: a package, a step, or PLATFORM/STEP [default: all that is planned for the
    /// first target]
    #[arg(value_name = "WHAT")]
    what: Vec<String>,
    /// An attribute of the plan's file, as it stands there (may be given several times)
    #[arg(short = 'A', long, value_name = "ATTR")]
    attr: Vec<String>,
    /// The link to what was built [default: result]
    #[arg(short, long, value_name = "LINK", value_hint = ValueHint::AnyPath)]
    out_link: Option<Utf8PathBuf>,
    /// Make no link
    #[arg(long, conflicts_with = "out_link")]
    no_link: bool,
    /// Print the store paths of what was built to standard output
    #[arg(long)]
    print_out_paths: bool,
    /// Show the log of every step, not only warnings of the workspace's packages and what fails
    #[arg(short = 'L', long)]
    print_build_logs: bool,
    /// After a failure, build all that does not need what failed
    #[arg(short, long, visible_alias = "no-fail-fast")]
    keep_going: bool,
    /// How many steps are built at once [default: max-jobs of nix.conf]
    #[arg(short, long, visible_alias = "max-jobs", value_name = "N")]
    jobs: Option<String>,
    /// Show no progress, only warnings, what fails and the end
    #[arg(short, long)]
    quiet: bool,
    /// Show the commands of steps that fail, and that of Nix
    #[arg(short, long, conflicts_with = "quiet")]
    verbose: bool,
    /// When there are colours
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    color: Colour,
    /// Where the timeline is written: timeline.html, timeline.json and times.json [default:
    /// rbn-plan/PROFILE below Cargo's target directory]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    timeline: Option<Utf8PathBuf>,
    /// Write no timeline, and remember no times
    #[arg(long, conflicts_with = "timeline")]
    no_timeline: bool,
    #[command(flatten)]
    select: SelectArgs,
    /// Say what would be built and fetched, and for how long; build and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Words for `nix build`, after `--`
    #[arg(last = true, value_name = "NIX-ARGS")]
    nix: Vec<String>,
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
    let mut args = Args {
        what: Vec::new(),
        attr: Vec::new(),
        out_link: None,
        no_link: true,
        print_out_paths: false,
        print_build_logs: wanted.logs,
        keep_going: true,
        jobs: wanted.jobs,
        quiet: wanted.quiet,
        verbose: false,
        color: wanted.colour,
        timeline: None,
        no_timeline: true,
        select: wanted.select,
        dry_run: false,
        nix: Vec::new(),
    };
    let prepared = prepare::prepare(&args.select, &args.nix, false)?;
    let of_member = prepared.member.as_ref().and_then(|member| prepared.package_in(member));
    args.attr = vec![match of_member {
        Some(package) => format!("{}Of.{}", wanted.attribute, escape::attr(package)),
        None => wanted.attribute.to_owned(),
    }];
    let (outcome, stdout) = build(&args, &prepared)?;
    let path = command::out_paths(&stdout).lines().next().map(Utf8PathBuf::from);
    let target = prepared.default_target.as_ref().map(ToString::to_string);
    Ok(Built { outcome, path, target })
}

/// Builds.
pub fn run(args: &Args) -> CommandResult {
    let prepared = prepare::prepare(&args.select, &args.nix, args.dry_run)?;
    build(args, &prepared).map(|(outcome, _)| outcome)
}

/// Builds what is prepared, and gives back what Nix printed.
fn build(args: &Args, prepared: &Prepared) -> miette::Result<(Outcome, Vec<u8>)> {
    let graph = StepGraph::of(&prepared.document)?;
    // A name that is none is told before anything is written.
    let command = command::words(args, prepared, &graph)?;
    prepared.write(args.dry_run)?;
    if args.dry_run {
        return Ok((dry_run::run(&command, prepared, &graph)?, Vec::new()));
    }
    eprintln!("+ {}", shell::line(command.iter().map(String::as_str)));
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
    session.finish(ended.milliseconds, outcome);
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
