//! Build scripts, run by Nix so that their outputs can be compared.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use super::super::error::EvaluateError;
use super::super::normalise::STEP_DIR;
use crate::model::Plan;
use crate::nix::escape;
use crate::plan_file::write::nix;
use crate::process::attended;
use crate::process::interrupt::Watch;

/// The builder, in every version of Nix.
const PROGRAM: &str = "nix-build";

/// Lines of Nix's words that are shown.
const SHOWN: usize = 12;

/// The toolchain of a plan, as it is handed to Nix.
#[derive(Debug, Clone)]
pub enum Toolchain {
    /// A Nix expression.
    Expression(String),
    /// A file that says it.
    File(Utf8PathBuf),
    /// The text of such a file.
    Text(String),
}

/// What a build came to: paths in the order of the steps, or what Nix said at last.
pub type Built = Result<Vec<PathBuf>, String>;

/// What a step that is built makes when it is built again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Again {
    /// The same.
    Same,
    /// Something else.
    Other,
    /// It could not be built again; what Nix said at last.
    Unknown(String),
}

/// How Nix is called for a plan.
pub struct NixRuns {
    /// Holds the plan while Nix reads it.
    _directory: tempfile::TempDir,
    watch: Watch,
    file: PathBuf,
    arguments: Vec<String>,
}

impl NixRuns {
    /// Readies Nix for `plan` of the workspace at `root`, whose committed plan is `committed`.
    ///
    /// # Errors
    /// A plan that cannot be rendered, a disk that says no.
    pub fn prepare(
        plan: &Plan,
        root: &Utf8Path,
        committed: &Utf8Path,
        toolchain: &Toolchain,
    ) -> Result<Self, EvaluateError> {
        let text = nix::render(std::slice::from_ref(plan))
            .map_err(|source| EvaluateError::Render { source })?;
        let io = |source| EvaluateError::Io { source };
        // Before there is a file to be left behind.
        let watch = Watch::start().map_err(io)?;
        let directory = tempfile::Builder::new().prefix("rbn-plan-scripts-").tempdir();
        let directory = directory.map_err(io)?;
        // A plan in its own place leaves its directory out; another would have it in the sources.
        let is_committed = fs::read_to_string(committed).is_ok_and(|old| old == text);
        let file = match is_committed {
            true => committed.as_std_path().to_owned(),
            false => {
                let file = directory.path().join("steps.nix");
                fs::write(&file, text).map_err(io)?;
                file
            }
        };
        let path = |path: &str| format!("/. + {}", escape::string(path));
        let toolchain = match toolchain {
            Toolchain::Expression(expression) => expression.clone(),
            Toolchain::File(file) => format!("import ({})", path(file.as_str())),
            Toolchain::Text(text) => {
                let made = directory.path().join("toolchain.nix");
                fs::write(&made, text).map_err(io)?;
                format!("import ({})", path(&made.to_string_lossy()))
            }
        };
        let arguments = ["--arg", "src", &path(root.as_str()), "--arg", "toolchain", &toolchain];
        let arguments = arguments.map(str::to_owned).to_vec();
        Ok(Self { _directory: directory, watch, file, arguments })
    }

    fn command(&self, steps: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg(&self.file).args(&self.arguments).args(["--no-out-link", "--quiet"]);
        for step in steps {
            let step = step.strip_prefix(STEP_DIR).unwrap_or(step);
            let (group, name) = step.split_once('/').unwrap_or((step, ""));
            command.args(["-A", &format!("steps.\"{group}\".\"{name}\"")]);
        }
        command
    }

    /// Builds steps.
    ///
    /// # Errors
    /// A signal came.
    pub fn build(&self, steps: &[&str]) -> Result<Built, EvaluateError> {
        let output = match attended::output(&mut self.command(steps), &self.watch) {
            Ok(Some(output)) => output,
            Ok(None) => return Err(self.interrupted()),
            Err(error) => return Ok(Err(format!("{PROGRAM} cannot be started: {error}"))),
        };
        if !output.status.success() {
            return Ok(Err(last_words(&String::from_utf8_lossy(&output.stderr))));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        Ok(Ok(said.lines().map(PathBuf::from).collect()))
    }

    /// What a step that is built makes when it is built again.
    ///
    /// # Errors
    /// A signal came.
    pub fn again(&self, step: &str) -> Result<Again, EvaluateError> {
        match attended::output(self.command(&[step]).arg("--check"), &self.watch) {
            Ok(None) => Err(self.interrupted()),
            Ok(Some(output)) if output.status.success() => Ok(Again::Same),
            Ok(Some(output)) => Ok(checked(&String::from_utf8_lossy(&output.stderr))),
            Err(error) => Ok(Again::Unknown(format!("{PROGRAM} cannot be started: {error}"))),
        }
    }

    fn interrupted(&self) -> EvaluateError {
        EvaluateError::Interrupted(self.watch.take().unwrap_or_default())
    }
}

/// The end of what Nix said.
fn last_words(said: &str) -> String {
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(SHOWN)..].join("\n")
}

/// What Nix means that failed to build a step again: other bytes, or no second build at all.
fn checked(said: &str) -> Again {
    match said.contains("may not be deterministic") {
        true => Again::Other,
        false => Again::Unknown(last_words(said)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Again, checked};

    #[test]
    fn a_failure_is_no_verdict() {
        let other = "error: derivation '/nix/store/a.drv' may not be deterministic: output '/nix/store/a' differs";
        assert_eq!(checked(other), Again::Other);
        let full = "building\n\nerror: writing to file: No space left on device";
        assert_eq!(
            checked(full),
            Again::Unknown("building\nerror: writing to file: No space left on device".to_owned())
        );
        assert_eq!(checked(""), Again::Unknown(String::new()));
    }
}
