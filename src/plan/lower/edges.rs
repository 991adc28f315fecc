//! What a unit takes from others.

use std::collections::BTreeMap;

use super::Lowering;
use crate::cargo::unit_graph::{UnitGraph, UnitMode};
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
                Edge::Extern { name: dependency.extern_crate_name.clone() }
            } else {
                Edge::Unlinkable
            };
            edges.push((edge, id));
        }
        edges
    }
}
