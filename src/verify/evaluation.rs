//! A rendered plan as Nix sees it: evaluated by the user's own Nix, and read back.
//!
//! `templates/inspect.nix` puts stand-ins in the place of the few builtins that need a store, so
//! an evaluation touches none, needs no toolchain, and takes a fraction of a second.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write as _};
use std::process::Command;

use serde::Deserialize;

use super::environment::Variables;
use super::error::EvaluateError;
use crate::model::Plan;
use crate::nix::System;
use crate::plan::args::OUT;
use crate::plan_file::write::nix;
use crate::process::attended;
use crate::process::interrupt::Watch;

/// Nix's evaluator, in every version of Nix.
pub const PROGRAM: &str = "nix-instantiate";

/// What Nix would run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The steps by `platform/name`, the platform in the plan's words: `host`, or a triple.
    pub steps: BTreeMap<String, Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Step {
    /// Runs rustc.
    Compile(Compile),
    /// Runs a build script.
    Run(Run),
}

/// What every step has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Common {
    /// The package's name.
    #[serde(rename = "package_name")]
    pub package: String,
    /// Working directory.
    pub cwd: String,
    /// Environment, without what only the builder knows.
    pub env: Variables,
}

/// A rustc run. Other steps are named by their key in [`Evaluation::steps`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Compile {
    /// What it shares with runs of scripts.
    #[serde(flatten)]
    pub common: Common,
    /// `-C metadata`.
    pub id: String,
    /// The arguments; the step's own output reads [`OUT`].
    pub argv: Vec<String>,
    /// `lib` or `bin`: where the output is below [`OUT`].
    pub kind: String,
    /// Whether it is a proc macro: search paths go no further.
    #[serde(deserialize_with = "switch")]
    pub is_macro: bool,
    /// Whether libraries of the own build script are linked here.
    #[serde(deserialize_with = "switch")]
    pub links_libs: bool,
    /// Which link arguments of build scripts are meant for this step, in the builder's words.
    pub link_classes: Vec<String>,
    /// Names of the files that dependents link.
    pub made: Vec<String>,
    /// Steps whose files it may link.
    pub crates: Vec<String>,
    /// Steps whose native search paths it takes over, in order.
    pub native_crates: Vec<String>,
    /// The run of the package's own build script, or nothing.
    pub script: String,
}

/// The run of a build script.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Run {
    /// What it shares with rustc runs.
    #[serde(flatten)]
    pub common: Common,
    /// The step that compiles the script; nothing where the configuration replaces it.
    pub program: String,
    /// What the configuration says in its place.
    pub replaced: Vec<String>,
    /// `links` keys, and the runs that they stand for.
    pub linked: BTreeMap<String, String>,
}

/// The builder's switches: a text, empty or not.
fn switch<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(!String::deserialize(deserializer)?.is_empty())
}

#[derive(Deserialize)]
struct Answer {
    out: String,
    steps: BTreeMap<String, BTreeMap<String, Step>>,
}

/// Renders `plan` and lets Nix evaluate it.
///
/// `Ok(None)`: there is no Nix on this machine.
///
/// # Errors
/// Nix refuses the plan, or answers something else than the library promises.
pub fn evaluate(plan: &Plan) -> Result<Option<Evaluation>, EvaluateError> {
    let text = nix::render(std::slice::from_ref(plan))
        .map_err(|source| EvaluateError::Render { source })?;
    let io = |source| EvaluateError::Io { source };
    // Before there is a file to be left behind.
    let watch = Watch::start().map_err(io)?;
    let mut file =
        tempfile::Builder::new().prefix("rbn-plan-steps-").suffix(".nix").tempfile().map_err(io)?;
    file.write_all(text.as_bytes()).map_err(io)?;
    let host = plan.host.as_ref().map(ToString::to_string).unwrap_or_default();
    let system = System::of_triple(&host).map_or_else(|| host.clone(), |system| system.to_string());
    match attended::output(&mut question(file.path(), &host, &system), &watch) {
        Ok(None) => Err(EvaluateError::Interrupted(watch.take().unwrap_or_default())),
        Ok(Some(output)) if output.status.success() => Ok(Some(read(&output.stdout)?)),
        Ok(Some(output)) => Err(EvaluateError::Failed {
            status: output.status.to_string(),
            stderr: String::from_utf8_lossy(&output.stderr).trim_end().to_owned(),
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EvaluateError::Start { source }),
    }
}

fn question(file: &std::path::Path, host: &str, system: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(["--eval", "--strict", "--json"])
        // No store is opened, and no setting of the user's keeps the file from being read.
        .args(["--store", "dummy://"])
        .args(["--option", "pure-eval", "false", "--option", "restrict-eval", "false"])
        .arg("--argstr")
        .arg("file")
        .arg(file)
        .args(["--argstr", "host", host, "--argstr", "system", system])
        .args(["-E", include_str!("../../templates/inspect.nix")])
        .env_remove("NIX_PATH");
    command
}

/// Reads what Nix printed, with texts and keys in the plan's words.
fn read(json: &[u8]) -> Result<Evaluation, EvaluateError> {
    let answer: Answer =
        serde_json::from_slice(json).map_err(|source| EvaluateError::Answer { source })?;
    let mut steps = BTreeMap::new();
    for (group, of_group) in answer.steps {
        for (name, mut step) in of_group {
            step.settle(&answer.out);
            steps.insert(format!("{group}/{name}"), step);
        }
    }
    Ok(Evaluation { steps })
}

impl Step {
    /// What it shares with all steps.
    #[must_use]
    pub fn common(&self) -> &Common {
        match self {
            Self::Compile(compile) => &compile.common,
            Self::Run(run) => &run.common,
        }
    }

    /// Puts names of steps for their paths, and [`OUT`] for Nix's own word.
    fn settle(&mut self, out: &str) {
        match self {
            Self::Compile(compile) => {
                for arg in &mut compile.argv {
                    *arg = arg.replace(out, OUT);
                }
                for path in compile.crates.iter_mut().chain(&mut compile.native_crates) {
                    *path = key(path);
                }
                compile.script = key(&compile.script);
            }
            Self::Run(run) => {
                for path in run.linked.values_mut() {
                    *path = key(path);
                }
                run.program = key(&run.program);
            }
        }
    }
}

/// The step whose stand-in path, or a path below it, this is. Neither platforms nor names of steps
/// hold a `/`.
fn key(path: &str) -> String {
    let Some(below) = path.strip_prefix("/step/") else { return path.to_owned() };
    below.split('/').take(2).collect::<Vec<_>>().join("/")
}
