//! `rbn-plan check`: is the plan's file up to date?

use std::fmt::Write as _;

use camino::Utf8PathBuf;
use clap::ValueEnum;
use miette::IntoDiagnostic as _;
use serde_json::json;

use super::diff::unified;
use super::document::{self, PlanFileError, PlanText};
use super::select::{Again, OtherSelection, SelectArgs};
use super::{CommandResult, Outcome, print, print_json, replan};
use crate::files::GENERATED;
use crate::plan_file::write::nix;
use crate::review::report as emit;
use crate::review::{Diff, Entry};
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
    /// The plan's file [default: nix.output of config.toml]
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

/// What was found.
struct Finding {
    file: Utf8PathBuf,
    old: Option<PlanText>,
    new: PlanText,
    /// What it means, where the old plan can be read.
    diff: Option<Diff>,
    /// What is asked for, where that is not what the old plan was made of.
    other: Option<OtherSelection>,
    cure: String,
}

/// Checks.
pub fn run(args: &Args) -> CommandResult {
    let select = args.select.without_network();
    let (root, config) = select.place()?;
    let file = match &args.file {
        Some(file) => file.clone(),
        None => replan::shown(&root.join(config.nix.output.value.as_path())),
    };
    let old = match document::file_text(&file) {
        Ok(text) => Some(text),
        Err(PlanFileError::Read(error)) if error.is_absent() => None,
        Err(error) => return Err(error.into()),
    };
    if let Some(old) = &old
        && !old.text.is_empty()
        && !old.text.lines().take(3).any(|line| line.contains(GENERATED))
    {
        return Err(PlanFileError::Foreign(file.to_string()).into());
    }
    let (select, other) = match select.again(old.as_ref().map(|old| old.text.as_str()))? {
        Again::Same(select) => (select, None),
        Again::Other(select, other) => (select, Some(other)),
    };
    let (plans, _) = select.plans()?;
    let text = nix::render(&plans).into_diagnostic()?;
    if old.as_ref().is_some_and(|old| old.text == text) {
        match args.format {
            Format::Text => eprintln!("{file} is up to date."),
            Format::Json => {
                let answer =
                    json!({ "format_version": FORMAT_VERSION, "up_to_date": true, "file": file });
                print_json(&format!("{answer:#}\n"))?;
            }
            Format::Github => {}
        }
        return Ok(Outcome::Done);
    }
    let diff = old.as_ref().and_then(|old| replan::difference(old, &plans));
    let cure = replan::cure(&select, &file);
    let new = PlanText { name: "up to date".to_owned(), text };
    let finding = Finding { file, old, new, diff, other, cure };
    match args.format {
        Format::Text => as_text(&finding, args.unified)?,
        Format::Json => as_json(&finding)?,
        Format::Github => as_annotations(&finding)?,
    };
    Ok(Outcome::Different)
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
fn as_text(finding: &Finding, whole: bool) -> CommandResult {
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
    eprintln!("help: run `{}` and commit the result", finding.cure);
    Ok(Outcome::Different)
}

fn as_json(finding: &Finding) -> CommandResult {
    let answer = json!({
        "format_version": FORMAT_VERSION,
        "up_to_date": false,
        "file": finding.file,
        "exists": finding.old.is_some(),
        "cure": finding.cure,
        "meaning": meaning(finding),
        "changes": finding.diff,
        "diff": finding.old.as_ref().map(|old| unified(old, &finding.new)),
    });
    print_json(&format!("{answer:#}\n"))
}

/// One annotation for the file, and one for each of the first causes, where its subject stands.
fn as_annotations(finding: &Finding) -> CommandResult {
    let file = property(finding.file.as_str());
    let meaning = meaning(finding).unwrap_or_default();
    let said =
        format!("{}\n{meaning}Run `{}` and commit the result.", headline(finding), finding.cure);
    let mut lines = format!(
        "::error file={file},line=1,title=The plan is not up to date::{}\n",
        message(&said)
    );
    if let (Some(old), Some(diff)) = (&finding.old, &finding.diff) {
        for cause in emit::causes(diff).into_iter().take(ANNOTATIONS - 1) {
            let line = place(&old.text, cause.entry);
            let title = property(&cause.subject);
            let words = message(&cause.words);
            writeln!(lines, "::warning file={file},line={line},title={title}::{words}")
                .expect("a string takes it");
        }
    }
    print(&lines)
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
