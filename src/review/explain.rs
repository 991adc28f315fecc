//! What a step is, who needs it, and what touching it costs.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use serde::Serialize;

use super::declared::{Declared, Reason};
use super::graph::StepGraph;
use super::times::{Cost, Times};
use crate::model::document::{Carries, Package, Step, StepRef};

/// Everything there is to say of a step.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// Its name.
    #[serde(flatten)]
    pub name: StepRef,
    /// Its facts.
    pub facts: Step,
    /// Its package's.
    pub package: Package,
    /// Each feature that is on, and why.
    pub features: Vec<FeatureReasons>,
    /// What needs it directly.
    pub needed_by: Vec<Needs>,
    /// How many steps are built again when it changes, itself included.
    pub rebuilds: usize,
    /// How many of each platform.
    pub by_platform: Vec<(String, usize)>,
    /// How long the step itself took, in milliseconds, where that was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// What the rebuilds cost, where times were recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// The roots among them.
    pub roots: Vec<StepRef>,
}

/// A feature and why it is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeatureReasons {
    /// The feature.
    pub feature: String,
    /// Why; empty where manifests do not say.
    pub reasons: Vec<Reason>,
}

/// A step that needs another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Needs {
    /// The step.
    #[serde(flatten)]
    pub step: StepRef,
    /// What it takes.
    #[serde(flatten)]
    pub carries: Carries,
}

/// Explains a step.
#[must_use]
pub fn explain(
    graph: &StepGraph<'_>,
    declared: &Declared,
    times: &Times,
    id: NodeIndex,
) -> Explanation {
    let node = &graph.graph[id];
    let reference = |id: NodeIndex| {
        let node = &graph.graph[id];
        StepRef { platform: node.platform.to_owned(), step: node.name.to_owned() }
    };
    let mut needed_by: Vec<Needs> = graph
        .graph
        .neighbors_directed(id, Direction::Incoming)
        .flat_map(|dependent| {
            let edges = graph.graph.edges_connecting(dependent, id);
            edges.map(move |edge| Needs {
                step: reference(dependent),
                carries: (*edge.weight()).clone(),
            })
        })
        .collect();
    needed_by.sort();
    needed_by.dedup();
    let rebuilds = graph.rebuilds([id]);
    let features = node.step.features.iter().map(|feature| FeatureReasons {
        feature: feature.clone(),
        reasons: declared.reasons(graph, id, feature),
    });
    Explanation {
        name: reference(id),
        facts: node.step.clone(),
        package: node.package.clone(),
        features: features.collect(),
        needed_by,
        by_platform: graph.by_platform(&rebuilds),
        milliseconds: times.of(graph, id),
        cost: times.cost(graph, rebuilds.iter().copied()),
        roots: roots(graph, &rebuilds),
        rebuilds: rebuilds.len(),
    }
}

/// The roots among `ids`.
fn roots(graph: &StepGraph<'_>, ids: &BTreeSet<NodeIndex>) -> Vec<StepRef> {
    let among =
        |root: &&StepRef| graph.id(&root.platform, &root.step).is_some_and(|id| ids.contains(&id));
    graph.document.roots.iter().filter(among).cloned().collect()
}

/// The steps that `text` names: `PLATFORM/STEP`, a step, a package key, or a package's name.
#[must_use]
pub fn find(graph: &StepGraph<'_>, text: &str) -> Vec<NodeIndex> {
    if let Some((platform, name)) = text.split_once('/')
        && let Some(id) = graph.id(platform, name)
    {
        return vec![id];
    }
    let all = |wanted: &dyn Fn(NodeIndex) -> bool| -> Vec<NodeIndex> {
        graph.graph.node_indices().filter(|id| wanted(*id)).collect()
    };
    let by_name = all(&|id| graph.graph[id].name == text);
    if !by_name.is_empty() {
        return by_name;
    }
    all(&|id| {
        let node = &graph.graph[id];
        node.step.package == text || node.package.name == text
    })
}

/// The names nearest to one that leads nowhere, best first.
#[must_use]
pub fn near(graph: &StepGraph<'_>, text: &str) -> Vec<String> {
    let mut names: Vec<(bool, usize, &str)> = graph
        .graph
        .node_weights()
        .flat_map(|node| [node.name, node.package.name.as_str()])
        .map(|name| (!name.contains(text), strsim::damerau_levenshtein(name, text), name))
        .filter(|(foreign, distance, _)| !foreign || *distance <= text.chars().count() / 3 + 1)
        .collect();
    names.sort();
    names.dedup();
    names.into_iter().take(5).map(|(_, _, name)| name.to_owned()).collect()
}
