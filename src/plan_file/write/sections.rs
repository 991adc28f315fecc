//! What the sections of a plan's file are made of.

use serde::Serialize;

use crate::nix::fields::Fields;

/// Facts under a name: a profile, a package, a group's roots.
#[derive(Clone, PartialEq, Serialize)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) fields: Fields,
}

/// The steps of one platform, and what holds for all of them.
#[derive(Serialize)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) fields: Fields,
    /// What the group's own steps are added to: `everyTarget // `, or nothing.
    pub(super) base: &'static str,
    pub(super) steps: Vec<StepFacts>,
}

impl Group {
    /// Steps without settings.
    pub(super) fn plain(name: &str, steps: Vec<StepFacts>) -> Self {
        Self { name: name.to_owned(), fields: Fields::default(), base: "", steps }
    }
}

/// A step in the words of the plan.
#[derive(Clone, PartialEq, Serialize)]
pub(super) struct StepFacts {
    pub(super) name: String,
    /// What makes a step of the facts: `lib `, `check (bin "x" `.
    pub(super) open: String,
    pub(super) close: &'static str,
    pub(super) fields: Fields,
}

impl StepFacts {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}
