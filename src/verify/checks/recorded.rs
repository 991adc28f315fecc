//! What Cargo's checks called.

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use super::super::environment::{self, Baseline, CLIPPY_ARGS, Process, Variables};
use super::super::package_name::PackageName;

/// A program that checks start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// clippy-driver, in the place of rustc.
    Clippy,
    /// rustdoc, for pages or for the tests in them.
    Rustdoc,
    /// A test program or benchmark itself.
    Program,
}

impl Tool {
    /// What it does, in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clippy => "clippy",
            Self::Rustdoc => "rustdoc",
            Self::Program => "run of tests",
        }
    }
}

/// What a check of Cargo's called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordedCheck {
    /// What was called.
    pub tool: Tool,
    /// The package, from Cargo's own variables.
    pub package: PackageName,
    /// Arguments, of a test program with the program itself.
    pub args: Vec<String>,
    /// Variables that Cargo set.
    pub env: Variables,
    /// Working directory.
    pub cwd: Utf8PathBuf,
}

impl RecordedCheck {
    /// Whether the same is called at the same place, in the same environment.
    #[must_use]
    pub fn is_called_as(&self, other: &Self) -> bool {
        (self.tool, &self.args, &self.cwd) == (other.tool, &other.args, &other.cwd)
            && environment::are_same(&self.env, &other.env)
    }
}

/// What Cargo set for a tool, of its environment `now`.
#[must_use]
pub fn set_for(tool: Tool, baseline: &Baseline, now: &Variables) -> Variables {
    let mut env = baseline.change(Process::Rustc, now).set;
    // It reaches all that Cargo starts, and counts for this tool alone.
    let flags = now.get_key_value(CLIPPY_ARGS).filter(|_| tool == Tool::Clippy);
    env.extend(flags.map(|(name, value)| (name.clone(), value.clone())));
    env
}
