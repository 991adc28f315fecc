//! `rbn-plan verify`: prove the plan equal to what Cargo runs.

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use miette::IntoDiagnostic as _;

use super::select::{self, Again, Loaded, SelectArgs};
use super::{CommandResult, Outcome, document, print, print_json, replan, verify_files as files};
use crate::plan;
use crate::review;
use crate::verify::compare::compare;
use crate::verify::error::{EvaluateError, RecordError};
use crate::verify::files::tracer::Tracer;
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
    /// Compare files, too: what each process reads with what its step is given, and what build
    /// scripts say and leave (needs strace)
    #[arg(long, conflicts_with = "no_nix")]
    files: bool,
    /// Write into config.toml what --files finds missing, and plan and compare again
    #[arg(long, requires = "files")]
    fix: bool,
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
    let loaded = args.select.load()?;
    let Loaded { workspace, config } = &loaded;
    let plan = plan::lower(workspace)?;
    let mut configured = plan.clone();
    plan::configure(&mut configured, config);
    let split = config.build.split.value;
    let compared = match session::planned(&plan, &configured, split, !args.no_nix) {
        Err(EvaluateError::Interrupted(signal)) => return Ok(interrupted(signal)),
        compared => compared?,
    };
    let program = std::env::current_exe().into_diagnostic()?;

    // Talks to stderr, and only if that is a terminal.
    let style = ProgressStyle::with_template("{prefix} {pos}/{len} {wide_bar} {elapsed}");
    let bar = ProgressBar::new(plan.graph.node_count() as u64)
        .with_style(style.into_diagnostic()?)
        .with_prefix("recording cargo");
    let tracer = match args.files {
        true => Some((Tracer::find()?, files::source_tree(&workspace.root, plan.root_depth))),
        false => None,
    };
    let needed = session::needed(&plan);
    let recording =
        session::recorded(&options, workspace, program, &needed, tracer, &mut |units| {
            bar.set_position(units as u64);
        });
    bar.finish_and_clear();
    let recording = match recording {
        Err(RecordError::Interrupted(signal)) => return Ok(interrupted(signal)),
        recording => recording?,
    };
    let mut report = compare(&compared.planned, &recording);
    report.added = compared.added;
    report.notes.extend(compared.note);
    report.notes.extend(stale(&args.select, &loaded)?);
    let seen = match args.files {
        true => match files::compared(&args.select, &recording, args.fix) {
            Ok(seen) => Some(seen),
            Err(error) => match error.downcast_ref() {
                Some(EvaluateError::Interrupted(signal)) => return Ok(interrupted(*signal)),
                _ => return Err(error),
            },
        },
        false => None,
    };

    match args.format {
        Format::Text => {
            let seen = seen.as_ref().map(|seen| format!("{seen}\n")).unwrap_or_default();
            print(&format!("{report}\n{seen}"))?
        }
        Format::Json => {
            let mut json = serde_json::to_value(&report).into_diagnostic()?;
            if let Some(seen) = &seen {
                json["files"] = serde_json::to_value(seen).into_diagnostic()?;
            }
            print_json(&format!("{json:#}\n"))?
        }
    };
    let is_complete = seen.is_none_or(|seen| seen.is_complete());
    Ok(if report.is_equal() && is_complete { Outcome::Done } else { Outcome::Different })
}

/// What was compared is the plan of now. That the workspace's own file is another one, is said.
fn stale(select: &SelectArgs, loaded: &Loaded) -> miette::Result<Option<String>> {
    let (root, config) = select.place()?;
    let file = root.join(config.nix.output.value.as_path());
    let Ok(old) = document::file_text(&file) else { return Ok(None) };
    let Again::Same(_) = select.again(Some(&old.text))? else { return Ok(None) };
    let plans = select::lower(std::slice::from_ref(&loaded.workspace), &loaded.config)?;
    let (Ok(old), new) = (document::parse_all(&old), document::fresh(&plans)) else {
        return Ok(None);
    };
    // What was planned here is for one machine.
    let (Some(here), machine) = (new.on(""), document::here()) else { return Ok(None) };
    let differs = old
        .on(&machine)
        .is_some_and(|old| review::diff(old, here).is_ok_and(|diff| !diff.is_empty()));
    Ok(differs.then(|| {
        let shown = replan::shown(&file);
        format!("{shown} is another plan; `rbn-plan check` says what it has")
    }))
}

fn interrupted(signal: i32) -> Outcome {
    eprintln!("interrupted; nothing was left behind");
    Outcome::Interrupted(signal)
}
