//! The files of each step, listed by Nix.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use super::super::error::EvaluateError;
use super::super::evaluation;
use super::super::normalise::STEP_DIR;
use crate::model::{Plan, Split};

/// A source of a step.
#[derive(Debug, Clone, Deserialize)]
pub struct Listed {
    /// Where it is to be, counted from the workspace root; of a whole package that is vendored its place
    /// is where it lies.
    pub at: String,
    /// Where it lies.
    pub from: Utf8PathBuf,
    /// What of it is taken; all, where nothing is said.
    pub tree: Option<Tree>,
}

/// What is taken of a file or directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Tree {
    /// A file (0) or a link (1).
    Leaf(u8),
    /// A directory.
    Directory(Vec<(String, Tree)>),
}

impl Tree {
    /// Whether it is a link.
    #[must_use]
    pub fn is_link(&self) -> bool {
        matches!(self, Self::Leaf(1))
    }
}

/// The sources of all steps (`/step/GROUP/NAME`) of the workspace at `root`.
///
/// # Errors
/// Nix refuses the plan, or is not there.
pub fn list(plan: &Plan, root: &Utf8Path) -> Result<BTreeMap<String, Vec<Listed>>, EvaluateError> {
    // A step and its metadata see the same files.
    let json = evaluation::inspect(plan, Split::Off, &["--argstr", "src", root.as_str()])?;
    let groups: BTreeMap<String, BTreeMap<String, Vec<Listed>>> = serde_json::from_slice(&json)
        .map_err(|error| EvaluateError::Facts { reason: error.to_string() })?;
    let named = groups.into_iter().flat_map(|(group, steps)| {
        steps.into_iter().map(move |(name, sources)| (format!("{STEP_DIR}{group}/{name}"), sources))
    });
    Ok(named.collect())
}
