//! The answer to the question what changed.

use serde::Serialize;

use super::cause::Cause;
use super::times::Cost;
use crate::model::document::StepRef;

/// The version of a diff as JSON.
pub(super) const FORMAT_VERSION: u32 = 1;

/// How a thing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// It was another.
    Changed,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

/// One change: of a package, or of what many steps share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// How.
    pub sign: Sign,
    /// The package's name; of what is shared: `plan`, a platform, `profile NAME`.
    pub subject: String,
    /// The version in the old plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The version in the new plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Why its steps are not what they were.
    pub causes: Vec<Cause>,
    /// Of what is new: the packages that need it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub needed_by: Vec<String>,
    /// Of what is new: `build script`, `links z`, ...
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Of what is new or gone, or has other features and nothing else: the package that it comes or
    /// goes with, and its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comes_with: Option<String>,
    /// The package is one that was asked for.
    pub root: bool,
    /// The steps themselves: of the new plan, or of the old one where they are gone.
    pub steps: Vec<StepRef>,
    /// How many other steps are built again because they need these, or what has other features
    /// with it.
    pub follow: usize,
}

impl Entry {
    /// What [`Entry::comes_with`] of others calls it.
    #[must_use]
    pub fn name(&self) -> String {
        let version = self.new.as_deref().or(self.old.as_deref()).unwrap_or_default();
        format!("{} {version}", self.subject)
    }
}

/// The sums.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// New packages.
    pub added: usize,
    /// Changed packages and shared settings.
    pub changed: usize,
    /// Packages that are gone.
    pub removed: usize,
    /// Steps that are built: changed, new, and all that need them.
    pub rebuilds: usize,
    /// Steps of the new plan.
    pub steps: usize,
    /// Steps that are built, by platform.
    pub by_platform: Vec<(String, usize)>,
    /// Steps of platforms that only the new plan has, which are built for the first time; they are
    /// among `rebuilds`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub first_time: Vec<(String, usize)>,
    /// What building them takes, where times were recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// Another selection, in Cargo's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SelectionChange {
    /// Of the old plan.
    pub old: Vec<String>,
    /// Of the new plan.
    pub new: Vec<String>,
}

/// The build machines of the two files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Machines {
    /// The machine that the rest of the answer is about.
    pub about: String,
    /// Machines that only the new file is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Machines that only the old file is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// What changed on the other machines of both.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OnMachine>,
}

impl Machines {
    /// Whether each file is for one machine, and both for the same.
    #[must_use]
    pub fn is_one(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.others.is_empty()
    }
}

/// What changed on one of several build machines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnMachine {
    /// The machine, in Nix's word.
    pub machine: String,
    /// The difference there.
    pub diff: Diff,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The version of this shape.
    pub format_version: u32,
    /// Another selection, where it is one: other steps may have been asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<SelectionChange>,
    /// The build machines, where there are several.
    #[serde(skip_serializing_if = "Machines::is_one")]
    pub machines: Machines,
    /// The sums.
    pub totals: Totals,
    /// The changes: shared settings, then packages by name.
    pub entries: Vec<Entry>,
    /// Every step that is built.
    pub rebuilds: Vec<StepRef>,
}

impl Diff {
    /// Whether the plans mean the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Machines { added, removed, others, .. } = &self.machines;
        self.selection.is_none()
            && self.entries.is_empty()
            && added.is_empty()
            && removed.is_empty()
            && others.iter().all(|other| other.diff.is_empty())
    }
}
