//! The plan's file made anew, and what that changes.

use camino::{Utf8Path, Utf8PathBuf};
use miette::IntoDiagnostic as _;

use super::document::{self, PlanFileError, PlanText};
use super::select::SelectArgs;
use crate::emit::{json, nix, review as emit, writer};
use crate::model::Plan;
use crate::review;

/// What became of the plan's file.
#[derive(Debug)]
pub enum Replanned {
    /// It is what it was.
    Current,
    /// It was written; what that means.
    Written(String),
    /// There is none: nobody asked for a plan here yet.
    Absent,
    /// It was made of another selection, which its header says: it stays.
    OtherSelection(String),
}

/// Makes the plan of `file` anew, where it is there.
///
/// # Errors
/// Whatever planning ran into; a file that is no plan.
pub fn replan(select: &SelectArgs, file: &Utf8Path) -> miette::Result<Replanned> {
    let old = match document::file_text(file) {
        Ok(old) => old,
        Err(PlanFileError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Replanned::Absent);
        }
        Err(error) => return Err(error.into()),
    };
    let (plans, _) = select.plans()?;
    let text = nix::render(&plans).into_diagnostic()?;
    if old.text == text {
        return Ok(Replanned::Current);
    }
    if let Some((was, _)) = other_selection(&old.text, &text) {
        return Ok(Replanned::OtherSelection(was.to_owned()));
    }
    let meaning = meaning(&old, &plans);
    writer::write_generated(file, &text)?;
    Ok(Replanned::Written(meaning.unwrap_or_default()))
}

/// As [`replan`], told on stderr; what the change means is left to the caller to show.
///
/// # Errors
/// As [`replan`].
pub fn replan_aloud(select: &SelectArgs, file: &Utf8Path) -> miette::Result<Option<String>> {
    let shown = shown(file);
    match replan(select, file)? {
        Replanned::Current => eprintln!("{shown} is up to date"),
        Replanned::Absent => {
            eprintln!("there is no {shown} yet: `rbn-plan -o {shown}` makes it");
        }
        Replanned::OtherSelection(was) => {
            eprintln!("{shown} was planned with `{was}` and stays: give the same flags here");
        }
        Replanned::Written(meaning) => {
            eprintln!("wrote {shown}");
            return Ok(Some(meaning));
        }
    }
    Ok(None)
}

/// What lies between an old plan, where it can be read, and the plans that are made now.
#[must_use]
pub fn meaning(old: &PlanText, plans: &[Plan]) -> Option<String> {
    let diff = review::diff(&document::parse(old).ok()?, &json::document(plans.first()?));
    Some(emit::text::diff(&diff.ok()?))
}

/// What the old plan's file was planned with, and what the new one is, where that is not the same.
#[must_use]
pub fn other_selection<'t>(old: &'t str, new: &'t str) -> Option<(&'t str, &'t str)> {
    let (was, is) = (selection(old), selection(new));
    (was != is).then_some((was, is))
}

/// The selection in the header of a plan's file.
#[must_use]
pub fn selection(text: &str) -> &str {
    let line = text.lines().take(10).find_map(|line| line.strip_prefix("# Selection:"));
    line.unwrap_or_default().trim()
}

/// The path from the current directory, where it lies below.
#[must_use]
pub fn shown(path: &Utf8Path) -> Utf8PathBuf {
    let current = std::env::current_dir().ok().and_then(|dir| Utf8PathBuf::from_path_buf(dir).ok());
    let short = current.and_then(|dir| path.strip_prefix(dir).ok().map(Utf8Path::to_owned));
    short.unwrap_or_else(|| path.to_owned())
}
