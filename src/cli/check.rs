//! `rbn-plan check`: is the plan's file up to date?

use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;
use miette::IntoDiagnostic as _;
use serde_json::{Value, json};

use super::check_plans;
use super::diff::unified;
use super::document::{self, PlanFileError, PlanText};
use super::replan::{self, Difference};
use super::select::{Again, OtherSelection, SelectArgs};
use super::{CommandResult, Outcome, print, print_json};
use crate::config::{CheckPlan, Config};
use crate::files::is_marked;
use crate::model::Plan;
use crate::plan_file::write::nix;
use crate::review::Entry;
use crate::review::report as emit;
use crate::text::words;

/// The version of the answer as JSON.
const FORMAT_VERSION: u32 = 1;

/// The most lines of the texts' difference that are printed unasked.
const LINES: usize = 30;

/// The most annotations: GitHub shows ten of a step.
const ANNOTATIONS: usize = 10;

/// What planning does, for --help.
const TRUST: &str = "\
Planning starts cargo and rustc, which execute what the tree names, such as the path of a \
rust-toolchain.toml: for pull requests of others there is --untrusted.
Exit code: 0 up to date; 1 out of date; 2 it could not be told.";

/// The command's flags.
#[derive(Debug, clap::Args)]
#[command(after_help = TRUST)]
pub struct Args {
    /// The plan's file [default: nix.output of config.toml, and the plans of checks beside it]
    #[arg(value_name = "FILE")]
    file: Option<Utf8PathBuf>,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print the whole difference of the two texts, not only its beginning
    #[arg(long, conflicts_with = "format")]
    unified: bool,
    #[command(flatten)]
    select: SelectArgs,
}

/// The forms of the answer.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// What it means, then the first lines that differ
    #[default]
    Text,
    /// For programs
    Json,
    /// Annotations of a workflow on GitHub, one for each cause
    Github,
}

/// A plan's file that is not up to date.
struct Finding {
    file: Utf8PathBuf,
    old: Option<PlanText>,
    new: PlanText,
    /// What it means, where the old plan can be read.
    diff: Option<Difference>,
    /// What is asked for, where that is not what the old plan was made of.
    other: Option<OtherSelection>,
    cure: String,
}

/// What is asked about a file.
enum Asked<'c> {
    /// The plan of a selection.
    Plan,
    /// A file of the plans of checks.
    Checks(Option<&'c CheckPlan>),
}

/// Checks.
pub fn run(args: &Args) -> CommandResult {
    let select = args.select.without_network();
    let (root, config) = select.place()?;
    let output = root.join(config.nix.output.value.as_path());
    let mut answers = Vec::new();
    for (file, asked) in files(args.file.as_ref(), &root, &config)? {
        let finding = match asked {
            Asked::Plan => plan(&select, &root, &file)?,
            Asked::Checks(plan) => {
                let old = text(&file)?;
                let (plans, text) = check_plans::made(&select, &root, &config, plan)?;
                // The plan of what is built brings them along.
                let cure = replan::cure(&replan::selected(&select)?, &output);
                difference(file.clone(), old, (&plans, text), None, cure)
            }
        };
        match args.format {
            Format::Text => match &finding {
                None => eprintln!("{file} is up to date."),
                Some(finding) => as_text(finding, args.unified)?,
            },
            Format::Github => finding.iter().try_for_each(as_annotations)?,
            Format::Json => {}
        }
        answers.push((file, finding));
    }
    let found = answers.iter().find_map(|(_, finding)| finding.as_ref());
    match (args.format, found) {
        (Format::Text, Some(finding)) => {
            eprintln!("help: run `{}` and commit the result", finding.cure);
        }
        (Format::Json, _) => {
            as_json(&answers)?;
        }
        _ => {}
    }
    Ok(if found.is_some() { Outcome::Different } else { Outcome::Done })
}

/// The file that is named, or all that belong to the workspace.
fn files<'c>(
    named: Option<&Utf8PathBuf>,
    root: &Utf8Path,
    config: &'c Config,
) -> miette::Result<Vec<(Utf8PathBuf, Asked<'c>)>> {
    let plan = (config.nix.output.value.as_path().to_owned(), Asked::Plan);
    let checks = check_plans::places(config)?.into_iter();
    let checks = checks.map(|(path, plan)| (path, Asked::Checks(plan)));
    let all = std::iter::once(plan).chain(checks);
    let mut all = all.map(|(path, asked)| (replan::shown(&root.join(path)), asked));
    Ok(match named {
        None => all.collect(),
        Some(file) => {
            let asked = all.find(|(path, _)| same(path, file)).map(|(_, asked)| asked);
            vec![(file.clone(), asked.unwrap_or(Asked::Plan))]
        }
    })
}

/// Whether two paths name one file.
fn same(one: &Utf8Path, other: &Utf8Path) -> bool {
    one == other
        || one
            .canonicalize_utf8()
            .is_ok_and(|one| other.canonicalize_utf8().is_ok_and(|o| one == o))
}

/// The text of a file that this program wrote; none where there is no file.
fn text(file: &Utf8Path) -> miette::Result<Option<PlanText>> {
    let old = match document::file_text(file) {
        Ok(text) => text,
        Err(PlanFileError::Read(error)) if error.is_absent() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let is_ours = old.text.lines().take(3).any(is_marked);
    if !old.text.is_empty() && !is_ours {
        return Err(PlanFileError::Foreign(file.to_string()).into());
    }
    Ok(Some(old))
}

/// What is found of a plan that says in its header what it is of.
fn plan(select: &SelectArgs, root: &Utf8Path, file: &Utf8Path) -> miette::Result<Option<Finding>> {
    let old = text(file)?;
    let (select, other) = match select.again(old.as_ref().map(|old| old.text.as_str()))? {
        Again::Same(select) => (select, None),
        Again::Other(select, other) => (select, Some(other)),
    };
    let (mut plans, _) = select.plans()?;
    let mut text = nix::render(&plans).into_diagnostic()?;
    // One that was printed names the workspace as from the usual place, wherever it lies.
    if old.as_ref().is_none_or(|old| old.text != text) {
        replan::lie_at(&mut plans, root, file);
        text = nix::render(&plans).into_diagnostic()?;
    }
    let cure = replan::cure(&select, file);
    Ok(difference(file.to_owned(), old, (&plans, text), other, cure))
}

fn difference(
    file: Utf8PathBuf,
    old: Option<PlanText>,
    (plans, text): (&[Plan], String),
    other: Option<OtherSelection>,
    cure: String,
) -> Option<Finding> {
    if old.as_ref().is_some_and(|old| old.text == text) {
        return None;
    }
    // What joins plans is none.
    let diff = old.as_ref().filter(|_| !plans.is_empty());
    let diff = diff.and_then(|old| replan::difference(old, plans));
    let new = PlanText { name: "up to date".to_owned(), text };
    Some(Finding { file, old, new, diff, other, cure })
}

fn headline(finding: &Finding) -> String {
    let file = &finding.file;
    match &finding.other {
        _ if finding.old.is_none() => format!("{file} does not exist."),
        Some(OtherSelection { was, is }) => {
            format!("{file} was planned with {was}; asked for now: {is}.")
        }
        None => format!("{file} is not up to date."),
    }
}

fn meaning(finding: &Finding) -> Option<String> {
    finding.diff.as_ref().map(replan::words)
}

/// What it means comes first, since the lines of a plan are many; the cure is the last word.
fn as_text(finding: &Finding, whole: bool) -> miette::Result<()> {
    eprintln!("{}", headline(finding));
    if let Some(meaning) = meaning(finding) {
        eprint!("{meaning}");
    }
    if let Some(old) = &finding.old {
        let text = unified(old, &finding.new);
        let rest = if whole { 0 } else { text.lines().count().saturating_sub(LINES) };
        let end = if rest == 0 { usize::MAX } else { LINES };
        print(&text.split_inclusive('\n').take(end).collect::<String>())?;
        if rest > 0 {
            let rest = words::count(rest, "more line");
            eprintln!("... and {rest}: `rbn-plan check --unified` prints them all");
        }
    }
    Ok(())
}

/// The plan's own answer, and those of the plans of checks in a list of their own, where there are any.
fn as_json(answers: &[(Utf8PathBuf, Option<Finding>)]) -> CommandResult {
    let mut all = answers.iter().map(|(file, finding)| match finding {
        None => json!({ "up_to_date": true, "file": file }),
        Some(finding) => json!({
            "up_to_date": false,
            "file": file,
            "exists": finding.old.is_some(),
            "cure": finding.cure,
            "meaning": meaning(finding),
            "changes": finding.diff.as_ref().map(|found| &found.diff),
            "diff": finding.old.as_ref().map(|old| unified(old, &finding.new)),
        }),
    });
    let mut answer = json!({ "format_version": FORMAT_VERSION });
    if let (Some(answer), Some(Value::Object(own))) = (answer.as_object_mut(), all.next()) {
        answer.extend(own);
    }
    let checks: Vec<Value> = all.collect();
    if !checks.is_empty() {
        answer["checks"] = checks.into();
    }
    print_json(&format!("{answer:#}\n"))
}

/// One annotation for the file, and one for each of the first causes, where its subject stands.
fn as_annotations(finding: &Finding) -> miette::Result<()> {
    let file = property(finding.file.as_str());
    let meaning = meaning(finding).unwrap_or_default();
    let said =
        format!("{}\n{meaning}Run `{}` and commit the result.", headline(finding), finding.cure);
    let mut lines = format!(
        "::error file={file},line=1,title=The plan is not up to date::{}\n",
        message(&said)
    );
    if let (Some(old), Some(diff)) = (&finding.old, &finding.diff) {
        for cause in emit::causes(&diff.diff).into_iter().take(ANNOTATIONS - 1) {
            let line = place(&old.text, cause.entry);
            let title = property(&cause.subject);
            let words = message(&cause.words);
            writeln!(lines, "::warning file={file},line={line},title={title}::{words}")
                .expect("a string takes it");
        }
    }
    print(&lines).map(drop)
}

/// The line of the plan's file where an entry's subject stands: its package; of what is not there,
/// and of what many steps share, the first.
fn place(text: &str, entry: &Entry) -> usize {
    let Some(version) = &entry.old else { return 1 };
    let head = format!("    \"{}-{version}\" = ", entry.subject);
    text.lines().position(|line| line.starts_with(&head)).map_or(1, |at| at + 1)
}

/// A text as a message of a workflow command.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a property of a workflow command.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
