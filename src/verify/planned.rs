//! A plan's steps in the form in which they are compared: what Nix would run, as far as it is
//! known before anything was built.

use serde::{Deserialize, Serialize};

use super::checks::planned::PlannedCheck;
use super::environment::Variables;
use super::recording::PackageName;
use rbn_builder::effects::LinkedAs;
use rbn_builder::protocol::ScriptPackage;

/// All steps of a plan.
#[derive(Debug, Clone, Default)]
pub struct Planned {
    /// The directory in which steps see the workspace's root.
    pub workspace_root: String,
    /// The steps; names are unique.
    pub steps: Vec<PlannedStep>,
    /// Steps of libraries' metadata, each under the name of its library's step, which makes the same
    /// call.
    pub metadata: Vec<PlannedStep>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct PlannedStep {
    /// For instance `host/syn-2.0.90`.
    pub name: String,
    /// Its package.
    pub package: PackageName,
    /// `None` for the host.
    pub platform: Option<String>,
    /// Working directory.
    pub cwd: String,
    /// Environment, without what build scripts decide (their `rustc-env`, `DEP_*`).
    pub env: Variables,
    /// What it runs.
    pub action: PlannedAction,
}

/// What a step runs.
#[derive(Debug, Clone)]
pub enum PlannedAction {
    /// rustc.
    Compile(PlannedCompile),
    /// A build script.
    Run(PlannedRun),
    /// What a check calls.
    Check(Box<PlannedCheck>),
}

/// A rustc run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCompile {
    /// rustc's arguments, without `--extern NAME=PATH` and without what build scripts decide.
    pub args: Vec<String>,
    /// What is passed as `--extern`.
    pub externs: Vec<PlannedExtern>,
    /// The step that runs the package's own build script.
    pub script: Option<String>,
    /// Steps of build scripts whose search paths reach this call, the own one among them, in the
    /// plan's order (see [`rbn_builder::crates::natives`]).
    pub scripts: Vec<String>,
    /// What is compiled.
    pub linked_as: LinkedKind,
    /// Whether the package has a library.
    pub package_has_lib: bool,
}

/// One `--extern`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlannedExtern {
    /// Name, with options if there are any: `serde`, `priv:serde`, `noprelude:core`.
    pub name: String,
    /// The step that makes the crate.
    pub step: String,
}

/// [`LinkedAs`] with a name of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkedKind {
    /// A library.
    Lib {
        /// Whether cdylib is one of its crate types.
        cdylib: bool,
    },
    /// A bin of this name.
    Bin(String),
    /// An example that is a program.
    Example,
    /// An integration test.
    Test,
    /// A benchmark.
    Bench,
    /// A build script, or an example that is a library.
    Other,
}

impl LinkedKind {
    /// The kind with a name of its own.
    #[must_use]
    pub fn of(linked_as: &LinkedAs<'_>) -> Self {
        match linked_as {
            LinkedAs::Lib { cdylib } => Self::Lib { cdylib: *cdylib },
            LinkedAs::Bin(name) => Self::Bin((*name).to_owned()),
            LinkedAs::Example => Self::Example,
            LinkedAs::Test => Self::Test,
            LinkedAs::Bench => Self::Bench,
            LinkedAs::Other => Self::Other,
        }
    }

    /// The borrowed form.
    pub fn as_linked(&self) -> LinkedAs<'_> {
        match self {
            Self::Lib { cdylib } => LinkedAs::Lib { cdylib: *cdylib },
            Self::Bin(name) => LinkedAs::Bin(name),
            Self::Example => LinkedAs::Example,
            Self::Test => LinkedAs::Test,
            Self::Bench => LinkedAs::Bench,
            Self::Other => LinkedAs::Other,
        }
    }
}

/// The run of a build script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRun {
    /// The step that compiles the script.
    pub program: String,
    /// `links` key and run step of each direct dependency that has one.
    pub links: Vec<(String, String)>,
    /// What the configuration says in the script's place (`[target.<triple>.<links>]`), as the
    /// lines that a script would print; such a step runs nothing.
    pub replaced: Option<String>,
    /// What its directives are read with.
    pub package: ScriptPackage,
}
