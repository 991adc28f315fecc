//! The files of each step, listed by Nix.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use super::super::error::EvaluateError;
use super::super::evaluation::PROGRAM;
use super::super::normalise::STEP_DIR;
use crate::model::Plan;
use crate::nix::System;
use crate::plan_file::write::nix;
use crate::process::attended;
use crate::process::interrupt::Watch;

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
    let text = nix::render(std::slice::from_ref(plan))
        .map_err(|source| EvaluateError::Render { source })?;
    let io = |source| EvaluateError::Io { source };
    // Before there is a file to be left behind.
    let watch = Watch::start().map_err(io)?;
    let mut file =
        tempfile::Builder::new().prefix("rbn-plan-files-").suffix(".nix").tempfile().map_err(io)?;
    file.write_all(text.as_bytes()).map_err(io)?;
    let host = plan.host.as_ref().map(ToString::to_string).unwrap_or_default();
    let system = System::of_triple(&host).map_or_else(|| host.clone(), |system| system.to_string());
    let mut command = Command::new(PROGRAM);
    command
        .args(["--eval", "--strict", "--json", "--store", "dummy://"])
        .args(["--option", "pure-eval", "false", "--option", "restrict-eval", "false"])
        .arg("--argstr")
        .arg("file")
        .arg(file.path())
        .args(["--argstr", "src", root.as_str()])
        .args(["--argstr", "host", &host, "--argstr", "system", &system])
        .args(["-E", include_str!("../../../templates/files.nix")])
        .env_remove("NIX_PATH");
    let output = attended::output(&mut command, &watch)
        .map_err(|source| EvaluateError::Start { source })?
        .ok_or_else(|| EvaluateError::Interrupted(watch.take().unwrap_or_default()))?;
    if !output.status.success() {
        return Err(EvaluateError::Failed {
            status: output.status.to_string(),
            stderr: String::from_utf8_lossy(&output.stderr).trim_end().to_owned(),
        });
    }
    let groups: BTreeMap<String, BTreeMap<String, Vec<Listed>>> =
        serde_json::from_slice(&output.stdout)
            .map_err(|error| EvaluateError::Facts { reason: error.to_string() })?;
    let named = groups.into_iter().flat_map(|(group, steps)| {
        steps.into_iter().map(move |(name, sources)| (format!("{STEP_DIR}{group}/{name}"), sources))
    });
    Ok(named.collect())
}
