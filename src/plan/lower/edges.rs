//! What a unit takes from others.

use std::collections::BTreeMap;

use super::Lowering;
use crate::cargo::unit_graph::{Unit, UnitDependency, UnitGraph, UnitMode};
use crate::model::edge::ExternOption;
use crate::model::{Edge, StepId, TargetKind};

impl Lowering<'_> {
    /// The edges of a unit, in Cargo's order.
    pub(super) fn edges(
        &self,
        graph: &UnitGraph,
        index: usize,
        steps: &BTreeMap<usize, StepId>,
    ) -> Vec<(Edge, StepId)> {
        let unit = &graph.units[index];
        let is_run = unit.mode == UnitMode::RunCustomBuild;
        let mut edges = Vec::new();
        for dependency in &unit.dependencies {
            let on = &graph.units[dependency.index];
            // A page links to others by their names alone.
            if on.mode == UnitMode::Doc {
                continue;
            }
            let id = steps[&dependency.index];
            let edge = if on.mode == UnitMode::RunCustomBuild {
                if is_run {
                    let package = self.packages.raw[on.pkg_id.as_str()];
                    let Some(links) = package.links.clone() else { continue };
                    Edge::Links { links }
                } else {
                    Edge::ScriptOutput
                }
            } else if is_run {
                Edge::ScriptProgram
            } else if matches!(on.kind(), Ok(TargetKind::Bin)) {
                Edge::BinExe { name: on.target.name.clone() }
            } else if on.target.crate_types.iter().any(|kind| kind.is_linkable()) {
                let options = self.extern_options(unit, dependency);
                Edge::Extern { name: dependency.extern_crate_name.clone(), options }
            } else {
                Edge::Unlinkable
            };
            edges.push((edge, id));
        }
        edges
    }

    /// Source: `extern_args` of Cargo 1.95 and 1.99.
    fn extern_options(&self, unit: &Unit, dependency: &UnitDependency) -> Vec<ExternOption> {
        let raw = self.packages.raw[unit.pkg_id.as_str()];
        let facts = self.workspace.manifests.get(&raw.manifest_path);
        let manifest = facts.and_then(|facts| facts.manifest.as_ref());
        let tells = self.workspace.private_dependencies
            || manifest.is_some_and(|manifest| manifest.has_cargo_feature("public-dependency"));
        let is_lib = matches!(unit.kind(), Ok(TargetKind::Lib | TargetKind::ProcMacro));
        let options = [
            (ExternOption::Priv, tells && is_lib && !dependency.public),
            (ExternOption::Noprelude, dependency.noprelude),
            (ExternOption::Nounused, dependency.nounused),
        ];
        options.into_iter().filter(|(_, is_on)| *is_on).map(|(option, _)| option).collect()
    }
}
