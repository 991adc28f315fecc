//! A step's edges in the order in which `templates/lib/` walks them.

use std::collections::BTreeMap;

use crate::model::{Edge, Plan, StepId, TargetKind};

/// The steps that a step takes something from, by what it takes.
#[derive(Debug, Default)]
pub(super) struct Edges {
    /// `crates`: what is linked, by the names in the code; then what only has to be there.
    pub crates: Vec<StepId>,
    /// `native_crates`: in the order in which their build scripts' results count.
    pub native: Vec<StepId>,
    /// The run of the package's own build script.
    pub script: Option<StepId>,
    /// The build script's program.
    pub program: Option<StepId>,
    /// Runs by `links`.
    pub links: BTreeMap<String, StepId>,
    /// Programs by name.
    pub bins: BTreeMap<String, StepId>,
}

impl Edges {
    pub(super) fn of(plan: &Plan, id: StepId) -> Self {
        let platform = &plan.step(id).platform;
        let mut edges = Self::default();
        let mut own = BTreeMap::new();
        let mut macros = BTreeMap::new();
        let mut needs = Vec::new();
        for (edge, on) in plan.dependencies(id) {
            match edge {
                Edge::Extern { name } if plan.step(on).platform == *platform => {
                    own.insert(name.clone(), on);
                }
                Edge::Extern { name } => {
                    macros.insert(name.clone(), on);
                }
                Edge::Unlinkable => needs.push(on),
                Edge::ScriptOutput => edges.script = Some(on),
                Edge::ScriptProgram => edges.program = Some(on),
                Edge::Links { links } => {
                    edges.links.insert(links.clone(), on);
                }
                Edge::BinExe { name } => {
                    edges.bins.insert(name.clone(), on);
                }
            }
        }
        edges.native = native(plan, own.values().copied().collect());
        own.extend(macros);
        edges.crates = own.into_values().chain(needs).collect();
        edges
    }
}

/// Cargo visits dependencies by package, plans by step; only where these are not the same order
/// does a plan say so, and then without proc macros, which hand on nothing.
fn native(plan: &Plan, mut by_name: Vec<StepId>) -> Vec<StepId> {
    by_name.sort_by_key(|id| plan.step(*id).name.as_str());
    let is_macro = |id: &StepId| {
        let compile = plan.step(*id).compile();
        compile.is_some_and(|compile| compile.target.kind == TargetKind::ProcMacro)
    };
    let libraries: Vec<StepId> = by_name.iter().copied().filter(|id| !is_macro(id)).collect();
    let mut by_package = libraries.clone();
    by_package.sort_by_key(|id| {
        let package = plan.package(*id);
        (&package.name, &package.version, plan.step(*id).name.as_str())
    });
    if by_package == libraries { by_name } else { by_package }
}
