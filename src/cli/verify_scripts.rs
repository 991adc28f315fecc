//! `rbn-plan verify --files`: build scripts, run by Nix for a comparison.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use miette::IntoDiagnostic as _;

use super::select::SelectArgs;
use super::{flake_toolchain, toolchain};
use crate::config::Config;
use crate::model::Plan;
use crate::nix::escape;
use crate::plan_file::write::nix;
use crate::verify::files::examine::Paired;
use crate::verify::files::report::{FilesReport, ScriptDifference};
use crate::verify::files::scripts;
use crate::verify::normalise::STEP_DIR;
use crate::verify::recording::Recording;

/// Lines of Nix's words that are shown.
const SHOWN: usize = 12;

/// Lets Nix run the build scripts of `plan`, and adds to `report` what they say and leave otherwise than
/// under Cargo.
///
/// # Errors
/// A temporary file that cannot be written, a configuration that cannot be used.
pub(super) fn compare(
    select: &SelectArgs,
    (plan, config): (&Plan, &Config),
    paired: &Paired,
    recording: &Recording,
    report: &mut FilesReport,
) -> miette::Result<()> {
    let runs = scripts::runs(paired, recording);
    if runs.is_empty() {
        return Ok(());
    }
    let nix = Nix::prepare(select, plan, config, &recording.workspace_root)?;
    let programs: Vec<&str> = runs.iter().map(|run| run.program).collect();
    if let Err(said) = nix.build(&programs) {
        // Nix's last word of an error is the reason; what stands around it is for its own users.
        let reason = said.lines().rev().find(|line| line.starts_with("error"));
        let reason = reason.or(said.lines().last()).unwrap_or_default();
        report.notes.push(format!("what build scripts say and leave was not compared: {reason}"));
        return Ok(());
    }
    let all: Vec<&str> = runs.iter().map(|run| run.run).collect();
    let mut built = BTreeMap::new();
    match nix.build(&all) {
        Ok(paths) => built.extend(all.iter().map(|run| (*run).to_owned()).zip(paths)),
        Err(_) => {
            for run in all {
                match nix.build(&[run]) {
                    Ok(paths) => built.extend(paths.into_iter().map(|path| (run.to_owned(), path))),
                    Err(said) => report.different.push(ScriptDifference {
                        step: run.strip_prefix(STEP_DIR).unwrap_or(run).to_owned(),
                        what: "its run".to_owned(),
                        cargo: vec!["succeeded".to_owned()],
                        nix: said.lines().map(str::to_owned).collect(),
                    }),
                }
            }
        }
    }
    let different = scripts::compare(paired, recording, &built);
    let mut changing: BTreeMap<&str, bool> = BTreeMap::new();
    for one in &different {
        let output = format!("{STEP_DIR}{}", one.step);
        changing.entry(&one.step).or_insert_with(|| nix.changes(&output));
    }
    for (step, _) in changing.iter().filter(|(_, changes)| **changes) {
        report.notes.push(format!(
            "{step} makes something else in each run, so what differs there says nothing"
        ));
    }
    let same = built.len() - changing.len();
    let steady =
        different.iter().filter(|one| !changing[one.step.as_str()]).cloned().collect::<Vec<_>>();
    report.scripts = same;
    report.different.extend(steady);
    Ok(())
}

/// How Nix is called for a plan.
struct Nix {
    /// Holds the plan while Nix reads it.
    _directory: tempfile::TempDir,
    file: PathBuf,
    arguments: Vec<String>,
}

impl Nix {
    fn prepare(
        select: &SelectArgs,
        plan: &Plan,
        config: &Config,
        root: &Utf8Path,
    ) -> miette::Result<Self> {
        let text = nix::render(std::slice::from_ref(plan)).into_diagnostic()?;
        let directory = tempfile::Builder::new().prefix("rbn-plan-scripts-").tempdir();
        let directory = directory.into_diagnostic()?;
        // A plan in its own place leaves its directory out; another would have it in the sources.
        let committed = root.join(config.nix.output.value.as_path());
        let is_committed = std::fs::read_to_string(&committed).is_ok_and(|old| old == text);
        let file = match is_committed {
            true => committed.into_std_path_buf(),
            false => {
                let file = directory.path().join("steps.nix");
                std::fs::write(&file, text).into_diagnostic()?;
                file
            }
        };
        let path = |path: &Utf8Path| format!("/. + {}", escape::string(path.as_str()));
        let toolchain = match flake_toolchain::expression(root, config)? {
            Some(toolchain) => toolchain,
            None => {
                let mut tools = root.join(config.nix.toolchain_file.value.as_path());
                if !tools.exists() {
                    let made = directory.path().join("toolchain.nix");
                    std::fs::write(&made, toolchain::host_text(select)?).into_diagnostic()?;
                    tools = Utf8PathBuf::from_path_buf(made).unwrap_or(tools);
                }
                format!("import ({})", path(&tools))
            }
        };
        let arguments = ["--arg", "src", &path(root), "--arg", "toolchain", &toolchain];
        let arguments = arguments.map(str::to_owned).to_vec();
        Ok(Self { _directory: directory, file, arguments })
    }

    fn command(&self, steps: &[&str]) -> Command {
        let mut command = Command::new("nix-build");
        command.arg(&self.file).args(&self.arguments).args(["--no-out-link", "--quiet"]);
        for step in steps {
            let step = step.strip_prefix(STEP_DIR).unwrap_or(step);
            let (group, name) = step.split_once('/').unwrap_or((step, ""));
            command.args(["-A", &format!("steps.\"{group}\".\"{name}\"")]);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Builds steps; their paths in the same order, or what Nix said at last.
    fn build(&self, steps: &[&str]) -> Result<Vec<PathBuf>, String> {
        let output = self.command(steps).output();
        let output = output.map_err(|error| format!("nix-build cannot be started: {error}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
            return Err(lines[lines.len().saturating_sub(SHOWN)..].join("\n"));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        Ok(said.lines().map(PathBuf::from).collect())
    }

    /// Whether a step that is built makes something else when it is built again.
    fn changes(&self, step: &str) -> bool {
        let again = self.command(&[step]).arg("--check").output();
        again.is_ok_and(|output| !output.status.success())
    }
}
