//! `rbn-plan git`: plans in Git's own diffs.
//!
//! Git asks a driver in two ways. A text conversion gives the text that is compared, in `git diff`,
//! `git log -p` and `git show` alike: the plan's facts, without the library that stands in every
//! plan. A command says the difference itself, which Git runs for `git diff` alone.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::check_plans;
use super::diff::unified;
use super::document::{self, PlanText};
use super::select::SelectArgs;
use super::{CommandResult, Outcome, print};
use crate::files::{reader, writer};
use crate::model::document::MAX_BYTES;
use crate::plan_file::read;
use crate::review::Times;
use crate::review::report as emit;
use crate::text::words;
use camino::{Utf8Path, Utf8PathBuf};

/// The driver's name in `.gitattributes`.
const DRIVER: &str = "rbn-plan";

/// What Git shows after `@@`: the step or package that the lines are of.
const HEADING: &str = r"^ {4}(.*[^ ]) = .*\{$";

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: GitCommand,
}

#[derive(Debug, clap::Subcommand)]
enum GitCommand {
    /// Make this repository show plans by their facts: an attribute, and the driver's configuration
    Setup {
        /// Have `git diff` say what changed in meaning, as `rbn-plan diff` does
        #[arg(long)]
        meaning: bool,
        #[command(flatten)]
        select: Box<SelectArgs>,
    },
    /// Print a plan's facts without the library (for Git: diff.rbn-plan.textconv)
    Textconv {
        /// The plan
        file: PathBuf,
    },
    /// Say what changed between two versions of a plan (for Git: diff.rbn-plan.command)
    Diff {
        /// Path, old file, its hash and mode, new file, its hash and mode; of a rename more
        #[arg(num_args = 1.., required = true, value_name = "ARGUMENT")]
        arguments: Vec<OsString>,
    },
}

/// Does what Git asks for, or prepares it.
pub fn run(args: &Args) -> CommandResult {
    match &args.command {
        GitCommand::Setup { meaning, select } => setup(*meaning, select),
        GitCommand::Textconv { file } => textconv(file),
        GitCommand::Diff { arguments } => difference(arguments),
    }
}

/// Git's fault is nobody's: what is no plan is shown as it is.
fn textconv(file: &Path) -> CommandResult {
    let bytes = reader::bytes_within(file, MAX_BYTES as u64)?;
    let facts = std::str::from_utf8(&bytes).ok().and_then(read::facts_of);
    match facts {
        Some(facts) => print(&facts),
        None => match io::stdout().lock().write_all(&bytes) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(miette::miette!("could not write to standard output: {error}"))
            }
            _ => Ok(Outcome::Done),
        },
    }
}

/// Says a difference. Git stops at an exit code other than 0, so there is no other.
fn difference(arguments: &[OsString]) -> CommandResult {
    let path = arguments[0].to_string_lossy();
    // An unmerged file comes with its path alone.
    let (Some(old), Some(new)) = (arguments.get(1), arguments.get(4)) else {
        return print(&format!("rbn-plan diff {path}\nNot merged: plan it again.\n"));
    };
    let read = |file: &OsString, side: char| -> miette::Result<Option<PlanText>> {
        if file == "/dev/null" {
            return Ok(None);
        }
        let bytes = reader::bytes_within(file, MAX_BYTES as u64)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Some(PlanText { name: format!("{side}/{path}"), text }))
    };
    let (old, new) = (read(old, 'a')?, read(new, 'b')?);
    let said = meaning(old.as_ref(), new.as_ref()).unwrap_or_else(|| {
        let nothing = || PlanText { name: "/dev/null".to_owned(), text: String::new() };
        unified(&old.unwrap_or_else(nothing), &new.unwrap_or_else(nothing))
    });
    print(&format!("rbn-plan diff {}\n{said}", words::plain(&path)))
}

/// The difference in meaning, where both are plans.
fn meaning(old: Option<&PlanText>, new: Option<&PlanText>) -> Option<String> {
    let plan = |text: &PlanText| document::parse(text).ok();
    let plans = |text: &PlanText| document::parse_all(text).ok();
    match (old, new) {
        (Some(old), Some(new)) => {
            let diff = document::compare(&plans(old)?, &plans(new)?, &Times::default()).ok()?;
            match diff.is_empty() && old.text != new.text {
                true => Some("No changes of meaning.\n".to_owned()),
                false => Some(emit::text::diff(&diff)),
            }
        }
        (None, Some(new)) => {
            let steps = words::count(plan(new)?.count(), "step");
            Some(format!("A new plan of {steps}.\n"))
        }
        (Some(old), None) => {
            let steps = words::count(plan(old)?.count(), "step");
            Some(format!("The plan of {steps} is gone.\n"))
        }
        (None, None) => None,
    }
}

fn setup(meaning: bool, select: &SelectArgs) -> CommandResult {
    let (root, config) = select.place()?;
    let mut settings = vec![("textconv", "rbn-plan git textconv"), ("xfuncname", HEADING)];
    if meaning {
        settings.push(("command", "rbn-plan git diff"));
    }
    for (name, value) in settings {
        let key = format!("diff.{DRIVER}.{name}");
        git(&root, &["config", "--local", &key, value])?;
        eprintln!("set {key} in this repository's configuration");
    }
    let plans = check_plans::places(&config)?.into_iter().filter(|(_, plan)| plan.is_some());
    let checks = plans.map(|(path, _)| path);
    for path in std::iter::once(config.nix.output.value.as_path().to_owned()).chain(checks) {
        if attribute(&root, &path)? {
            eprintln!("added {path} to .gitattributes");
        }
    }
    Ok(Outcome::Done)
}

fn git(root: &Utf8Path, args: &[&str]) -> miette::Result<()> {
    let done = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(args)
        .output()
        .map_err(|error| miette::miette!("could not run git: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&done.stderr);
    Err(miette::miette!(
        help = "run it in a clone of the project's repository",
        "`git {}` failed: {}",
        args.join(" "),
        words.trim()
    ))
}

/// Adds the plan's line, if none names the driver for it yet.
fn attribute(root: &Utf8Path, output: &Utf8Path) -> miette::Result<bool> {
    let path: Utf8PathBuf = root.join(".gitattributes");
    let before = reader::text_if_there(&path)?.unwrap_or_default();
    let name = output.as_str().replace(' ', "[[:space:]]");
    let is_there = |line: &str| {
        let mut words = line.split_whitespace();
        words.next().is_some_and(|first| first.trim_start_matches('/') == name)
            && words.any(|word| word == "diff=rbn-plan")
    };
    if before.lines().any(is_there) {
        return Ok(false);
    }
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    let text = format!("{before}{gap}/{name} diff={DRIVER} linguist-generated\n");
    writer::edit_within(root, &path, &text)?;
    Ok(true)
}
