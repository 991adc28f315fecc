//! The plan as a document: what other programs read, and what reviewers compare.
//!
//! It is apart from the graph in memory: names in place of indices, every step with its whole
//! command line and environment, nothing of the planning machine. [`FORMAT_VERSION`] tells one
//! shape from another; `docs/plan.schema.json` is the JSON Schema of these types.

mod package;
mod read;
pub mod schema;
mod step;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::additions::Additions;
pub use package::{About, Files, Ignored, Origin, Package, RunSees};
pub use read::{DocumentError, MAX_BYTES};
pub use step::{Action, Build, Carries, Dependency, Kind, Mode, Profile, Sources, Step};

/// The version of this shape. A change that gives a field another meaning, or takes one away,
/// makes it greater.
pub const FORMAT_VERSION: u32 = 1;

/// A whole plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// The version of the document's shape: 1.
    pub format_version: u32,
    /// What was planned, in Cargo's words: `--workspace`, `--profile=release`.
    pub selection: Vec<String>,
    /// The triple of the build machine.
    pub host: String,
    /// The target triples, in alphabetical order.
    pub targets: Vec<String>,
    /// A digest of what turns facts into builds, beside the facts: the library and the builder of
    /// the plan's file. Where it changes, every step does.
    pub recipe: String,
    /// The locked flake input that the toolchain comes from, where the project says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toolchain: Option<Toolchain>,
    /// `[env]`: variables of every step.
    pub environment: BTreeMap<String, String>,
    /// What git ignores in the source tree, where there is git.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignored: Option<Ignored>,
    /// Settings of each platform: `host`, or a triple.
    pub platforms: BTreeMap<String, Platform>,
    /// The packages, by key (`NAME-VERSION`).
    pub packages: BTreeMap<String, Package>,
    /// The steps, by platform and name.
    pub steps: BTreeMap<String, BTreeMap<String, Step>>,
    /// The steps that were asked for, in alphabetical order.
    pub roots: Vec<StepRef>,
}

/// A locked flake input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Toolchain {
    /// The input's name in flake.nix.
    pub input: String,
    /// The commit, where the input has commits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rev: Option<String>,
    /// The hash of its files, as flake.lock has it.
    pub nar_hash: String,
}

/// Settings of a platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Platform {
    /// rustc flags of all its steps, after the step's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rustflags: Vec<String>,
    /// `-C linker`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linker: Option<String>,
    /// `CARGO_CFG_*`, for runs of build scripts.
    pub cfg_env: BTreeMap<String, String>,
}

/// The name of a step in a plan.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct StepRef {
    /// `host`, or a target triple.
    pub platform: String,
    /// The name in the platform's group.
    pub step: String,
}

impl fmt::Display for StepRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.platform, self.step)
    }
}

impl Document {
    /// A step, if the plan has it.
    #[must_use]
    pub fn step(&self, name: &StepRef) -> Option<&Step> {
        self.steps.get(&name.platform)?.get(&name.step)
    }

    /// All steps, `host` first, then by triple and name.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str, &Step)> {
        let host_first = [true, false].into_iter().flat_map(|host| {
            self.steps.iter().filter(move |(platform, _)| (*platform == "host") == host)
        });
        host_first.flat_map(|(platform, steps)| {
            steps.iter().map(move |(name, step)| (platform.as_str(), name.as_str(), step))
        })
    }

    /// How many steps there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.steps.values().map(BTreeMap::len).sum()
    }
}
