//! The derivations that a plan implies, computed without Nix.
//!
//! `generated/steps.nix` states facts, and Nix makes derivations of them. The same is done here
//! from the same plan, down to the store paths: what Nix instantiates can be foretold (what is
//! built already? what does an edit rebuild?), and each of the two holds the other to its word:
//! one differing byte in a command line, an environment or a source gives another path.
//!
//! What needs Nix stays out: git sources, whose files only a fetch knows (their store paths can be
//! given), and what is a program: the argument `overrides`, and a toolchain's own.

mod edges;
mod error;
mod sources;
mod step;
mod toolchain;

use std::collections::BTreeMap;

use camino::Utf8Path;
use nix_derivation::StorePath;

pub use error::DrvError;
pub use toolchain::{Toolchain, crate_url};

use super::library::BUILDER;
use crate::graph;
use crate::model::{PackageKey, Plan, Platform, StepId, Triple};
use crate::nix::derivation::{self, Derivations, Instance};
use crate::nix::value::Text;
use sources::Sources;

/// The builder's name in the store.
const BUILDER_NAME: &str = "rbn-plan-builder.sh";

/// A plan's derivations, and what they are made of.
struct Implied<'a> {
    /// The plan, with the toolchain's host and linkers in the place of its own.
    plan: Plan,
    tools: &'a Toolchain,
    /// The builder's path in the store.
    builder: Text,
    made: BTreeMap<StepId, Instance>,
}

/// The derivation of every step of `plan`, which is the one for builds on the toolchain's machine.
///
/// `root` is the workspace root, whose files are read and hashed; `fetched` gives the store paths
/// of git sources; `derivations` is the one that `tools` was made with.
///
/// # Errors
/// [`DrvError`]: an unreadable source, what the toolchain does not have, what Nix would refuse.
pub fn derivations(
    plan: &Plan,
    tools: &Toolchain,
    root: &Utf8Path,
    fetched: &BTreeMap<PackageKey, StorePath>,
    derivations: &mut Derivations,
) -> Result<BTreeMap<StepId, Instance>, DrvError> {
    let mut implied = Implied {
        plan: with_toolchain(plan, tools),
        tools,
        builder: Text::source(&derivation::text_file(BUILDER_NAME, BUILDER)?),
        made: BTreeMap::new(),
    };
    let mut sources = Sources::new(plan, tools, root, fetched);
    let circle = |steps: Vec<StepId>| {
        DrvError::Circle(steps.iter().map(|id| plan.step(*id).name.to_string()).collect())
    };
    for id in graph::dependencies_first(&plan.graph).map_err(circle)? {
        let step = plan.step(id);
        let mut source = sources.of(step, plan.package(id), derivations)?;
        source.extra_files.extend(sources.files(step.additions.files.iter())?);
        let call = step::call(&implied, id, source)?;
        implied.made.insert(id, derivations.structured(call)?);
    }
    Ok(implied.made)
}

/// The plan as the library sees it, with what the toolchain says.
fn with_toolchain(plan: &Plan, tools: &Toolchain) -> Plan {
    let mut plan = plan.clone();
    if let Some(host) = &tools.host {
        plan.host = Some(host.clone());
    }
    let platforms: Vec<Platform> = plan.groups().into_keys().collect();
    for platform in platforms {
        let triple = match &platform {
            Platform::Host => plan.host.as_ref(),
            Platform::Target(triple) => Some(triple),
        };
        if let Some(linker) = triple.and_then(|triple| tools.linkers.get(triple)) {
            let facts = plan.platforms.entry(platform).or_default();
            if facts.linker.as_deref().is_none_or(is_c_compiler) {
                facts.linker = Some(linker.as_str().to_owned());
            }
        }
    }
    plan
}

/// Whether a linker is a C compiler by its bare name: then it is the toolchain's, whatever that is
/// called; others are meant.
fn is_c_compiler(linker: &str) -> bool {
    let name = linker.rsplit('-').next().unwrap_or(linker);
    !linker.contains('/') && matches!(name, "cc" | "gcc")
}

impl Implied<'_> {
    /// What a platform's triple is on this machine.
    fn triple<'p>(&'p self, platform: &'p Platform) -> Option<&'p Triple> {
        match platform {
            Platform::Host => self.plan.host.as_ref(),
            Platform::Target(triple) => Some(triple),
        }
    }
}
