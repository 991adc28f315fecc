//! Plans as documents, however they are given: fresh, as a file, at a git revision.

use std::process::Command;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;
use thiserror::Error;

use crate::files::reader::{self, ReadError};
use crate::model::document::{DocumentError, MAX_BYTES};
use crate::model::{Document, Plan};
use crate::plan;
use crate::plan_file::json;
use crate::plan_file::read::{self, StepsError};
use crate::plan_file::write::library;
use crate::review::graph::GraphError;
use crate::review::{self, Diff, Plans, Times};
use crate::text::excerpt::Excerpt;

/// Why there is no plan where one was looked for.
#[derive(Debug, Error, Diagnostic)]
pub enum PlanFileError {
    /// Neither a file nor a revision.
    #[error("`{0}` is neither a file, a directory nor a git revision")]
    #[diagnostic(help(
        "a plan is a steps.nix, what `rbn-plan --format json` prints, or a revision of a repository that has it committed"
    ))]
    Nothing(String),
    /// HEAD of a repository without a commit, or no repository.
    #[error("there is no commit here, so there is no plan to compare with")]
    #[diagnostic(help(
        "commit the plan, or name a plan's file: `rbn-plan diff OLD`; `rbn-plan check` says whether \
         the one that is here is up to date"
    ))]
    NoCommit,
    /// A revision without the file.
    #[error("the git revision {revision} has no {path}")]
    #[diagnostic(help(
        "make a plan with `rbn-plan -o {path}` and commit it; or name a revision that has one \
         (`git log -- {path}`)"
    ))]
    NotThere {
        /// The revision.
        revision: String,
        /// The file, relative to the workspace root.
        path: Utf8PathBuf,
    },
    /// A directory without the file.
    #[error("the directory {dir} has no {path}")]
    #[diagnostic(help("`rbn-plan -C {dir} -o {path}` makes the plan of a workspace"))]
    Empty {
        /// The directory.
        dir: Utf8PathBuf,
        /// The file.
        path: Utf8PathBuf,
    },
    /// The file cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Read(ReadError),
    /// Git cannot be asked.
    #[error("could not read {object}: git cannot be started")]
    Git {
        /// What was to be read.
        object: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// More than [`MAX_BYTES`].
    #[error("{0} is no plan: it has more than {mib} MiB", mib = MAX_BYTES >> 20)]
    Size(String),
    /// A file of the plan's kind that is none.
    #[error("could not read the plan {name}")]
    Steps {
        /// The file or revision.
        name: String,
        /// Its text, for the place.
        #[source_code]
        text: Arc<Excerpt>,
        /// What is wrong.
        #[source]
        #[diagnostic_source]
        source: StepsError,
    },
    /// JSON that is no plan.
    #[error("could not read the plan {name}")]
    Json {
        /// The file or revision.
        name: String,
        /// What is wrong.
        #[source]
        #[diagnostic_source]
        source: DocumentError,
    },
    /// Neither kind.
    #[error("{0} is no plan: neither a steps.nix of rbn-plan nor JSON")]
    #[diagnostic(help(
        "`rbn-plan -o FILE` makes a plan, `rbn-plan --format json -o FILE` one for programs"
    ))]
    Foreign(String),
    /// A plan that goes round in a circle.
    #[error("the steps of {name} need each other: {cycle}")]
    Cycle {
        /// The file or revision.
        name: String,
        /// The steps.
        cycle: String,
    },
}

/// A plan's text, with a name for messages.
#[derive(Debug)]
pub struct PlanText {
    /// Where it came from.
    pub name: String,
    /// The text.
    pub text: String,
}

/// The text of the plan at `given`: a file, a directory with `output` in it, or a revision of the
/// repository that `root` is in.
///
/// # Errors
/// [`PlanFileError`].
pub fn find(given: &str, root: &Utf8Path, output: &Utf8Path) -> Result<PlanText, PlanFileError> {
    let path = Utf8Path::new(given);
    if path.is_dir() {
        // The directory of a workspace, or that of the plan itself.
        let file_name = output.file_name().unwrap_or("steps.nix");
        let found =
            [path.join(output), path.join(file_name)].into_iter().find(|file| file.exists());
        let empty = || PlanFileError::Empty { dir: path.to_owned(), path: output.to_owned() };
        return file_text(&found.ok_or_else(empty)?);
    }
    if path.exists() {
        return file_text(path);
    }
    revision_text(given, root, output)
}

/// The text of a file.
///
/// # Errors
/// [`PlanFileError::Read`].
pub fn file_text(path: &Utf8Path) -> Result<PlanText, PlanFileError> {
    let bytes = reader::bytes_within(path, MAX_BYTES as u64).map_err(|error| match error {
        ReadError::TooLarge { .. } => PlanFileError::Size(path.to_string()),
        error => PlanFileError::Read(error),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| PlanFileError::Foreign(path.to_string()))?;
    Ok(PlanText { name: path.to_string(), text })
}

fn revision_text(
    revision: &str,
    root: &Utf8Path,
    output: &Utf8Path,
) -> Result<PlanText, PlanFileError> {
    let nothing = || PlanFileError::Nothing(revision.to_owned());
    // What begins with `-` would be an option of git's.
    if revision.starts_with('-') {
        return Err(nothing());
    }
    // Nothing that the repository's configuration names is executed: what a partial clone lacks is
    // not fetched, and an object is printed as it is.
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        git.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "none");
        git.arg("-C").arg(root).args(args).output()
    };
    let commit = format!("{revision}^{{commit}}");
    let known = git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]);
    if !known.is_ok_and(|output| output.status.success()) {
        // What `diff` compares with where nobody names anything.
        return Err(if revision == "HEAD" { PlanFileError::NoCommit } else { nothing() });
    }
    let object = format!("{revision}:./{output}");
    let shown = git(&["cat-file", "blob", &object])
        .map_err(|source| PlanFileError::Git { object: object.clone(), source })?;
    if !shown.status.success() {
        return Err(PlanFileError::NotThere {
            revision: revision.to_owned(),
            path: output.to_owned(),
        });
    }
    let name = format!("{revision}:{output}");
    let text = String::from_utf8(shown.stdout).map_err(|_| PlanFileError::Foreign(name.clone()))?;
    Ok(PlanText { name, text })
}

/// Reads a plan of either kind; of a file for several build machines the plan for this one, or for
/// the first by name.
///
/// # Errors
/// [`PlanFileError`].
pub fn parse(given: &PlanText) -> Result<Document, PlanFileError> {
    let plans = parse_all(given)?;
    let own = plans.on(&here()).cloned();
    own.ok_or_else(|| PlanFileError::Foreign(given.name.clone()))
}

/// Reads a plan of either kind, for all build machines that it is for: at least one.
///
/// # Errors
/// [`PlanFileError`].
pub fn parse_all(given: &PlanText) -> Result<Plans, PlanFileError> {
    let name = given.name.clone();
    let first = given.text.trim_start().chars().next();
    if first == Some('#') {
        let (plans, recipe) =
            read::read_all(&given.text).map_err(|source| PlanFileError::Steps {
                text: Arc::new(Excerpt::new(&name, given.text.as_str())),
                name: name.clone(),
                source,
            })?;
        let mut documents = Vec::new();
        for mut plan in plans {
            plan::identity::assign(&mut plan).map_err(|cycle| {
                let names = cycle.iter().map(|id| plan.step(*id).name.to_string());
                let names: Vec<String> = names.collect();
                PlanFileError::Cycle { name: name.clone(), cycle: names.join(" -> ") }
            })?;
            documents.push(plan::document(&plan, recipe.clone()));
        }
        return Ok(Plans::new(documents));
    }
    if !matches!(first, Some('{' | '[')) {
        return Err(PlanFileError::Foreign(name));
    }
    let document = Document::read(given.text.as_bytes());
    let document = document.map_err(|source| PlanFileError::Json { name, source })?;
    Ok(Plans::new([document]))
}

/// The plans that were made now.
#[must_use]
pub fn fresh(plans: &[Plan]) -> Plans {
    match plans {
        [] => Plans::new([json::document(&Plan::default())]),
        plans => Plans::new(plans.iter().map(json::document)),
    }
}

/// This machine, in Nix's word.
#[must_use]
pub fn here() -> String {
    format!("{}-linux", std::env::consts::ARCH)
}

/// What changed between two plans' files: this machine first.
///
/// # Errors
/// [`GraphError`] for a plan whose steps need each other.
pub fn compare(old: &Plans, new: &Plans, times: &Times) -> Result<Diff, GraphError> {
    let diff = review::compare(old, new, &here(), times)?;
    Ok(diff.expect("whatever is read or planned is for a machine"))
}

/// The recipe that this program writes; for documents that are fresh.
#[must_use]
pub fn recipe() -> String {
    library::recipe(false)
}
