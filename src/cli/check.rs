//! `rbn-plan check`: is the plan's file up to date?

use std::fmt::Write as _;

use camino::Utf8PathBuf;
use clap::ValueEnum;
use miette::IntoDiagnostic as _;
use serde_json::json;
use similar::{DiffOp, TextDiff};

use super::diff::unified;
use super::document::{self, PlanFileError, PlanText};
use super::select::{Again, OtherSelection, SelectArgs};
use super::{CommandResult, Outcome, print, print_json, replan};
use crate::files::GENERATED;
use crate::plan_file::write::nix;

/// The version of the answer as JSON.
const FORMAT_VERSION: u32 = 1;

/// The most annotations: GitHub shows ten of a step.
const ANNOTATIONS: usize = 10;

/// What planning does, for --help.
const TRUST: &str = "\
Planning starts cargo and rustc, which execute what the tree names, such as the path of a
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
    #[command(flatten)]
    select: SelectArgs,
}

/// The forms of the answer.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// The difference, line by line
    #[default]
    Text,
    /// For programs
    Json,
    /// Annotations of a workflow on GitHub
    Github,
}

/// What was found.
struct Finding {
    file: Utf8PathBuf,
    old: Option<PlanText>,
    new: PlanText,
    /// What it means, where the old plan can be read.
    meaning: Option<String>,
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
    let meaning = old.as_ref().and_then(|old| replan::meaning(old, &plans));
    let cure = replan::cure(&select, &file);
    let new = PlanText { name: "up to date".to_owned(), text };
    let finding = Finding { file, old, new, meaning, other, cure };
    match args.format {
        Format::Text => as_text(&finding)?,
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

fn as_text(finding: &Finding) -> CommandResult {
    if let Some(old) = &finding.old {
        print(&unified(old, &finding.new))?;
    }
    eprintln!("{}", headline(finding));
    if let Some(meaning) = &finding.meaning {
        eprint!("{meaning}");
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
        "meaning": finding.meaning,
        "diff": finding.old.as_ref().map(|old| unified(old, &finding.new)),
    });
    print_json(&format!("{answer:#}\n"))
}

/// One annotation for the file, and one for each of the first places that differ.
fn as_annotations(finding: &Finding) -> CommandResult {
    let file = property(finding.file.as_str());
    let meaning = finding.meaning.as_deref().unwrap_or_default();
    let said =
        format!("{}\n{meaning}Run `{}` and commit the result.", headline(finding), finding.cure);
    let mut lines = format!(
        "::error file={file},line=1,title=The plan is not up to date::{}\n",
        message(&said)
    );
    if let Some(old) = &finding.old {
        let diff = TextDiff::from_lines(old.text.as_str(), finding.new.text.as_str());
        let places = diff.grouped_ops(0);
        for operations in places.iter().take(ANNOTATIONS - 1) {
            let Some(first) = operations.iter().find(|op| !matches!(op, DiffOp::Equal { .. }))
            else {
                continue;
            };
            let mut change = String::new();
            for part in operations.iter().flat_map(|op| diff.iter_changes(op)) {
                write!(change, "{}{}", part.tag(), part.value()).expect("a string takes it");
            }
            let line = first.old_range().start + 1;
            let change = message(change.trim_end_matches('\n'));
            writeln!(lines, "::warning file={file},line={line},title=Not up to date::{change}")
                .expect("a string takes it");
        }
    }
    print(&lines)
}

/// A text as a message of a workflow command.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as a property of a workflow command.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
