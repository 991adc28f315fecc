//! What is left of a build: the timeline, as it is written and read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::document::{StepRef, schema};

/// The version of this shape; `docs/timeline.md` describes it.
pub const FORMAT_VERSION: u32 = 1;

/// A build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// The version of the shape: 1.
    pub format_version: u32,
    /// What was planned, in Cargo's words.
    pub selection: Vec<String>,
    /// The profile.
    pub profile: String,
    /// The command that ran, a word each.
    pub command: Vec<String>,
    /// When it started: seconds since 1970.
    pub started: u64,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// How many steps the plan has.
    pub planned: usize,
    /// What was built, or begun, in the order of beginning.
    pub jobs: Vec<Job>,
    /// What came from binary caches, in the same order.
    pub fetched: Vec<Fetch>,
    /// What there was to do, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Steps of the plan that need one that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<StepRef>,
    /// What the compile cache did meanwhile, where one ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheUse>,
    /// How busy this machine's processors were meanwhile, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processors: Option<Processors>,
    /// The chain of built steps that took longest, what needs nothing first.
    pub critical: Vec<StepRef>,
}

impl Record {
    /// Whether nothing was built or fetched, nor begun to.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty() && self.fetched.is_empty()
    }

    /// The JSON Schema of timelines.
    #[must_use]
    pub fn schema() -> String {
        schema::of::<Self>("A timeline of rbn-plan build", FORMAT_VERSION)
    }
}

/// How a build ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything is there.
    Done,
    /// Nix says that it failed.
    Failed,
    /// It was told to stop.
    Interrupted,
}

/// The steps that what was asked for is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scope {
    /// How many there are.
    pub steps: usize,
    /// How many were in the store already.
    pub present: usize,
    /// How many nobody needed, because what is made of them was there or came from a cache.
    pub needless: usize,
}

/// What the compile cache was asked for while a build ran, by whomever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CacheUse {
    /// Compile steps that it answered.
    pub hits: u64,
    /// Compile steps that rustc ran for.
    pub misses: u64,
}

/// The processors of the machine that asked for the build, and how busy they were, by whomever.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Processors {
    /// How many there are.
    pub count: usize,
    /// How busy they were, in the order of time.
    pub busy: Vec<Busy>,
}

/// How busy the processors were from the look before to this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Busy {
    /// When: milliseconds from the start.
    pub at: u64,
    /// How busy: 100 is one whole processor.
    pub percent: u32,
}

/// A derivation that was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// The step; none for what is no step's.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepRef>,
    /// The derivation's name in the store, without its digest.
    pub name: String,
    /// The kind, in a reader's words: `library`, `run of a build script`, `source`, ...
    pub kind: String,
    /// How it ended.
    pub status: Status,
    /// The machine that built it; none for this one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub machine: String,
    /// When it began: milliseconds from the start.
    pub start: u64,
    /// When it ended.
    pub end: u64,
}

impl Job {
    /// How long it took, in milliseconds.
    #[must_use]
    pub fn milliseconds(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Its output is there.
    Built,
    /// It failed.
    Failed,
    /// It was stopped before its end.
    Stopped,
}

/// A path that came from a binary cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fetch {
    /// The step that makes it, where that is known.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepRef>,
    /// The path's name in the store, without its digest.
    pub name: String,
    /// The cache's address.
    pub from: String,
    /// When it began: milliseconds from the start.
    pub start: u64,
    /// When it ended.
    pub end: u64,
}
