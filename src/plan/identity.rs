//! Identities of units: what `-C metadata` and `-C extra-filename` are made of. The rule is the
//! builder's.

use rbn_builder::identity::Unit;

use super::{facts, names, profiles};
use crate::graph;
use crate::model::step::ProfileRoot;
use crate::model::{Edge, Package, Plan, Profile, StepId, StepKind};

/// The identity of a unit, of which `suffix` tells kind, build target and mode, and that links crates of
/// the identities `dependencies`.
#[must_use]
pub fn of(
    package: &Package,
    suffix: &str,
    group: &str,
    features: &[String],
    profile: &Profile,
    dependencies: &[String],
) -> String {
    Unit {
        name: &package.name,
        version: &package.version.to_string(),
        origin: &facts::of_package(package).identity(),
        suffix,
        group,
        features,
        profile: &profiles::of_profile(profile, ProfileRoot::Debug),
        dependencies: dependencies.iter().map(String::as_str).collect(),
    }
    .identity()
}

/// Gives every step of a plan that was read back its identity.
///
/// # Errors
/// The steps of a cycle, if there is one.
pub fn assign(plan: &mut Plan) -> Result<(), Vec<StepId>> {
    for id in graph::dependencies_first(&plan.graph)? {
        let linked: Vec<String> = plan
            .dependencies(id)
            .filter(|(edge, _)| matches!(edge, Edge::Extern { .. } | Edge::Unlinkable))
            .map(|(_, on)| plan.step(on).id.clone())
            .collect();
        let step = plan.step(id);
        let suffix = match &step.kind {
            StepKind::Compile(compile) => names::compile_suffix(&compile.target, compile.mode),
            StepKind::RunScript(_) => names::RUN.to_owned(),
        };
        let group = step.platform.group();
        let identity = of(plan.package(id), &suffix, group, &step.features, &step.profile, &linked);
        plan.graph[id].id = identity;
    }
    Ok(())
}
