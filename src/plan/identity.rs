//! Identities of units: what `-C metadata` and `-C extra-filename` are made of.
//!
//! Cargo hashes the package id, which holds a path for local packages; ours holds none, so that
//! two checkouts, machines and home directories give the same identity. rustflags are not
//! counted, as in Cargo's `-C metadata`: they do not tell two units of one plan apart.
//! `templates/lib/compile.nix` computes the same text from the same facts.

use crate::nix::digest;
use petgraph::graph::NodeIndex;

use super::{args, names};
use crate::graph;
use crate::model::{Edge, Plan, StepKind};

/// The facts that make a unit's identity.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The package's name.
    pub name: &'a str,
    /// The package's version.
    pub version: &'a str,
    /// [`crate::model::Source::identity`].
    pub source: &'a str,
    /// The name of the step after its package, which tells kind, build target and mode.
    pub suffix: &'a str,
    /// The platform's group.
    pub platform: &'a str,
    /// Enabled features.
    pub features: &'a [String],
    /// The arguments that the profile gives ([`super::args::profile`]).
    pub profile: &'a [String],
    /// The identities of the crates that it links, in Cargo's order.
    pub dependencies: &'a [String],
}

/// 16 hexadecimal digits.
#[must_use]
pub fn of(facts: &Facts<'_>) -> String {
    let mut dependencies = facts.dependencies.to_vec();
    dependencies.sort();
    let text = [
        facts.name,
        facts.version,
        facts.source,
        facts.suffix,
        facts.platform,
        &facts.features.join(" "),
        &facts.profile.join(" "),
        &dependencies.join(" "),
    ]
    .join("\n");
    digest::hex16(&text)
}

/// Gives every step of a plan that was read back its identity.
///
/// # Errors
/// The steps of a cycle, if there is one.
pub fn assign(plan: &mut Plan) -> Result<(), Vec<NodeIndex>> {
    for id in graph::dependencies_first(&plan.graph)? {
        let linked: Vec<String> = plan
            .dependencies(id)
            .filter(|(edge, _)| matches!(edge, Edge::Extern { .. } | Edge::Unlinkable))
            .map(|(_, on)| plan.step(on).id.clone())
            .collect();
        let step = plan.step(id);
        let package = plan.package(id);
        let suffix = match &step.kind {
            StepKind::Compile(compile) => names::compile_suffix(&compile.target, compile.mode),
            StepKind::RunScript(_) => names::RUN.to_owned(),
        };
        let identity = of(&Facts {
            name: &package.name,
            version: &package.version.to_string(),
            source: &package.source.identity(),
            suffix: &suffix,
            platform: step.platform.group(),
            features: &step.features,
            profile: &args::profile(&step.profile),
            dependencies: &linked,
        });
        plan.graph[id].id = identity;
    }
    Ok(())
}
