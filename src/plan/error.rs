//! What can go wrong between reading and a plan.

use miette::Diagnostic;
use thiserror::Error;

/// Why a workspace cannot be planned.
#[derive(Debug, Error, Diagnostic)]
pub enum PlanError {
    /// A unit that cannot become a step.
    #[error("cannot plan {unit}: {reason}")]
    Unit {
        /// Package, build target.
        unit: String,
        /// Why not.
        reason: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// Cargo's two answers do not fit each other.
    #[error("Cargo's unit graph names the package `{0}`, which `cargo metadata` does not")]
    #[diagnostic(help(
        "run `cargo metadata` and `cargo build --unit-graph -Zunstable-options` by hand; if both work, please report this"
    ))]
    UnknownPackage(String),
    /// A package whose files cannot be given to Nix.
    #[error("cannot plan the source of {package}: {reason}")]
    Source {
        /// Name and version.
        package: String,
        /// Why not.
        reason: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A setting of Cargo's that names a place of the planning machine.
    #[error("{setting} names {path}, a place of this machine")]
    #[diagnostic(help(
        "a plan is the same on every machine, and its steps see nothing of this one: keep the file in the workspace and name it from there (in `[env]` with `relative = true`), or give the flag by an override of rbn-plan's own configuration"
    ))]
    MachinePath {
        /// The setting, and where it stands.
        setting: String,
        /// The path.
        path: String,
    },
    /// A cycle that Cargo should not have let through.
    #[error("the units form a cycle: {0}")]
    Cycle(String),
}
