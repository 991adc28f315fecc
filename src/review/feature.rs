//! One feature of a package: whether it is on, and why, up to what asks for it.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use serde::Serialize;

use super::declared::{Declared, Reason};
use super::graph::StepGraph;
use crate::model::document::{Kind, StepRef};

/// How many levels of reasons are followed.
const LEVELS: usize = 12;

/// A feature of a package on one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeatureAnswer {
    /// A step of the package: its library, where there is one.
    #[serde(flatten)]
    pub step: StepRef,
    /// The package's key.
    pub package: String,
    /// The feature.
    pub feature: String,
    /// Whether it is on.
    pub on: bool,
    /// Whether the package's manifest declares it.
    pub declared: bool,
    /// The features that it declares, where this one is not among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub declares: Vec<String>,
    /// Why it is on; each reason is followed by the reasons for it.
    pub reasons: Vec<Traced>,
}

/// A reason, or that there is none to be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Traced {
    /// 1 for the reasons of the feature itself, 2 for those of these, and so on.
    pub level: usize,
    /// The reason; nothing where no manifest in the plan asks for the feature.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// The answer for each package and platform among `ids`.
#[must_use]
pub fn answers(
    graph: &StepGraph<'_>,
    declared: &Declared,
    ids: &[NodeIndex],
    feature: &str,
) -> Vec<FeatureAnswer> {
    let mut ids = ids.to_vec();
    ids.sort_by_key(|id| graph.graph[*id].step.kind == Kind::CustomBuild);
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert((graph.graph[*id].platform, &graph.graph[*id].step.package)));
    ids.into_iter().map(|id| answer(graph, declared, id, feature)).collect()
}

fn answer(
    graph: &StepGraph<'_>,
    declared: &Declared,
    id: NodeIndex,
    feature: &str,
) -> FeatureAnswer {
    let node = &graph.graph[id];
    let on = node.step.features.iter().any(|name| name == feature);
    let manifest = declared.of(graph, id);
    let mut reasons = Vec::new();
    if on {
        trace(graph, declared, (id, feature), 1, &mut BTreeSet::new(), &mut reasons);
    }
    let unknown = manifest.filter(|manifest| !manifest.features.contains_key(feature));
    FeatureAnswer {
        step: graph.reference(id),
        package: node.step.package.clone(),
        feature: feature.to_owned(),
        on,
        declared: unknown.is_none(),
        declares: unknown.into_iter().flat_map(|one| one.features.keys().cloned()).collect(),
        reasons,
    }
}

/// The reasons for a feature, and the reasons for these; what was told once is not told again.
fn trace(
    graph: &StepGraph<'_>,
    declared: &Declared,
    (id, feature): (NodeIndex, &str),
    level: usize,
    told: &mut BTreeSet<(NodeIndex, String)>,
    traced: &mut Vec<Traced>,
) {
    if level > LEVELS || !told.insert((id, feature.to_owned())) {
        return;
    }
    let reasons = declared.reasons(graph, id, feature);
    if reasons.is_empty() {
        traced.push(Traced { level, reason: None });
    }
    for reason in reasons {
        traced.push(Traced { level, reason: Some(reason.clone()) });
        let next = match &reason {
            Reason::Implied { by } => Some((id, by)),
            Reason::Through { by, feature } => dependent(graph, id, by, feature).zip(Some(feature)),
            Reason::Selected | Reason::Asked { .. } | Reason::Default { .. } => None,
        };
        if let Some((id, feature)) = next {
            trace(graph, declared, (id, feature), level + 1, told, traced);
        }
    }
}

/// The step that needs `id`, is of the package `by` (name and version) and has `feature` on.
fn dependent(
    graph: &StepGraph<'_>,
    id: NodeIndex,
    by: &str,
    feature: &String,
) -> Option<NodeIndex> {
    let is = |other: &NodeIndex| {
        let node = &graph.graph[*other];
        by.split_once(' ') == Some((&node.package.name, &node.package.version))
            && node.step.features.contains(feature)
    };
    graph.graph.neighbors_directed(id, Direction::Incoming).filter(is).min()
}
