//! Names of steps and packages, made of meaning.

use std::collections::BTreeMap;

use petgraph::Direction;

use super::profiles;
use crate::model::step::ProfileRoot;
use crate::model::{BuildTarget, Mode, PackageKey, Plan, Platform, StepId, StepName, TargetKind};
use crate::nix::digest;

/// The part of a step's name that follows its package: empty for a library that is built.
#[must_use]
pub fn compile_suffix(target: &BuildTarget, mode: Mode) -> String {
    suffix(target.kind, &target.name, mode)
}

/// As [`compile_suffix`], of a build target's kind and name.
#[must_use]
pub fn suffix(kind: TargetKind, name: &str, mode: Mode) -> String {
    if mode == Mode::Doctest {
        return ":doctest".to_owned();
    }
    let plain = match (kind, mode.is_test()) {
        (TargetKind::Lib | TargetKind::ProcMacro, false) => String::new(),
        (TargetKind::Lib | TargetKind::ProcMacro, true) => "lib-test".to_owned(),
        (TargetKind::Bin, false) => format!("bin:{name}"),
        (TargetKind::Bin, true) => format!("bin-test:{name}"),
        (TargetKind::Example, false) => format!("example:{name}"),
        (TargetKind::Example, true) => format!("example-test:{name}"),
        (TargetKind::Test, _) => format!("test:{name}"),
        (TargetKind::Bench, _) => format!("bench:{name}"),
        (TargetKind::CustomBuild, _) => "build-script".to_owned(),
    };
    let word = match mode {
        Mode::Build | Mode::Test | Mode::Doctest => "",
        Mode::Check | Mode::CheckTest => ":check",
        Mode::Doc => ":doc",
    };
    if plain.is_empty() { word.to_owned() } else { format!("{word}:{plain}") }
}

/// The whole name of a step: `key`, then its part.
#[must_use]
pub fn step(key: &PackageKey, suffix: &str) -> String {
    format!("{key}{suffix}")
}

/// The suffix of the run of a build script.
pub const RUN: &str = ":run";

/// A name for one of several that would otherwise be equal: a few digits of an identity.
#[must_use]
pub fn told_apart(name: &str, identity: &str) -> String {
    format!("{name}~{}", identity.get(..6).unwrap_or(identity))
}

/// Gives steps of one platform that have the same name a few digits each, but for one: that which
/// steps for targets use, or else the first.
///
/// The digits are of what tells the steps apart, their features and their profile, so that no
/// other step's new version renames them.
pub fn tell_apart(plan: &mut Plan) {
    let mut groups: BTreeMap<(Platform, StepName), Vec<StepId>> = BTreeMap::new();
    for id in plan.graph.node_indices() {
        let step = plan.step(id);
        groups.entry((step.platform.clone(), step.name.clone())).or_default().push(id);
    }
    for ((_, name), ids) in groups.into_iter().filter(|(_, ids)| ids.len() > 1) {
        let variants = ids.into_iter().map(|id| (!is_for_target(plan, id), digits(plan, id), id));
        let mut variants: Vec<(bool, String, StepId)> = variants.collect();
        variants.sort();
        for (at, (_, own, id)) in variants.iter().enumerate().skip(1) {
            let alike = variants.iter().enumerate().any(|(other, v)| other != at && v.1 == *own);
            let step = &mut plan.graph[*id];
            // Two that differ only in what they need: by all that they are made of.
            let identity = if alike { step.id.clone() } else { own.clone() };
            step.name = StepName::new(told_apart(name.as_str(), &identity));
        }
    }
}

/// Whether a step for a target needs it.
fn is_for_target(plan: &Plan, id: StepId) -> bool {
    let mut dependents = plan.graph.neighbors_directed(id, Direction::Incoming);
    dependents.any(|dependent| plan.step(dependent).platform != Platform::Host)
}

fn digits(plan: &Plan, id: StepId) -> String {
    let step = plan.step(id);
    let profile = profiles::of_profile(&step.profile, ProfileRoot::Debug).args().join(" ");
    digest::short(&format!("{}\n{profile}", step.features.join(" ")))
}
