//! A plan's steps in the form in which they are compared: what Nix would run, as far as it is
//! known before anything was built.

use super::checks::planned_check::PlannedCheck;
use super::environment::Variables;
use super::package_name::PackageName;
pub use super::planned_compile::{LinkedKind, PlannedCompile, PlannedExtern};
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
