//! A plan under construction.

use std::collections::BTreeMap;

use crate::cargo::Workspace;
use crate::model::{Plan, Platform, StepId};
use crate::plan::packages::Packages;

/// A plan under construction.
pub(super) struct Lowering<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) packages: Packages<'a>,
    pub(super) plan: Plan,
    /// Steps by platform, untold name and identity.
    pub(super) known: BTreeMap<(Platform, String, String), StepId>,
}
