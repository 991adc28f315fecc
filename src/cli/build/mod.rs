//! `rbn-plan build`: plan, let Nix build, and say what came of it.

use camino::Utf8Path;

pub use self::args::Args;
use self::prepare::Prepared;
use self::session::Session;
use super::shell;
use super::toolchain::host_toolchain;
use super::{CommandResult, Outcome, print_exact};
use crate::build::store::Store;
use crate::build::{self, run};
use crate::review::StepGraph;

mod args;
mod command;
mod dry_run;
mod prepare;
mod session;
mod view;
mod written;

/// Builds.
pub fn run(args: &Args) -> CommandResult {
    let prepared = prepare::prepare(&args.select, &args.nix, args.dry_run)?;
    let graph = StepGraph::of(&prepared.document)?;
    // A name that is none is told before anything is written.
    let command = command::words(args, &prepared, &graph)?;
    prepared.write(args.dry_run)?;
    if args.dry_run {
        return dry_run::run(&command, &prepared, &graph);
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
        let text = session.failures(&has, &|| sandbox_line(&prepared));
        if !text.is_empty() {
            eprint!("\n{text}");
        }
    }
    Ok(match (ended.signal, outcome) {
        (Some(signal), _) => Outcome::Interrupted(signal),
        (None, build::Outcome::Done) => Outcome::Done,
        _ => Outcome::Failed,
    })
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
