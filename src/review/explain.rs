//! What a step is, who needs it, and what touching it costs.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use serde::Serialize;

use super::declared::{Declared, Reason};
use super::graph::{Node, StepGraph};
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

/// The most names that are offered for one that leads nowhere.
const NEAR: usize = 5;

/// From where on names are alike, by Jaro and Winkler, for whom the beginning counts most.
const ALIKE: f64 = 0.85;

/// Explains a step.
#[must_use]
pub fn explain(
    graph: &StepGraph<'_>,
    declared: &Declared,
    times: &Times,
    id: NodeIndex,
) -> Explanation {
    let node = &graph.graph[id];
    let mut needed_by: Vec<Needs> = graph
        .graph
        .neighbors_directed(id, Direction::Incoming)
        .flat_map(|dependent| {
            let edges = graph.graph.edges_connecting(dependent, id);
            edges.map(move |edge| Needs {
                step: graph.reference(dependent),
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
        name: graph.reference(id),
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

/// The steps that `text` names: a step, or all steps of a package (`NAME`, `NAME-VERSION`,
/// `NAME@VERSION`), each of one platform only after `PLATFORM/`.
#[must_use]
pub fn find(graph: &StepGraph<'_>, text: &str) -> Vec<NodeIndex> {
    let (platform, name) = match text.split_once('/') {
        Some((platform, name)) => (Some(platform), name),
        None => (None, text),
    };
    let all = |wanted: &dyn Fn(&Node<'_>) -> bool| -> Vec<NodeIndex> {
        let here = |node: &Node<'_>| platform.is_none_or(|platform| node.platform == platform);
        let ids = graph.graph.node_indices();
        ids.filter(|id| here(&graph.graph[*id]) && wanted(&graph.graph[*id])).collect()
    };
    let by_name = all(&|node| node.name == name);
    if !by_name.is_empty() {
        return by_name;
    }
    all(&|node| {
        let Package { name: package, version, .. } = node.package;
        let versioned = name.split_once('@').is_some_and(|one| one == (package, version));
        versioned || node.step.package == name || package == name
    })
}

/// The names nearest to one that leads nowhere, best first.
#[must_use]
pub fn near(graph: &StepGraph<'_>, text: &str) -> Vec<String> {
    // `PLATFORM/STEP`, or `PACKAGE/FEATURE`.
    let text = match text.split_once('/') {
        Some((first, rest)) if graph.document.steps.contains_key(first) => rest,
        Some((first, _)) => first,
        None => text,
    };
    let text = text.split_once('@').map_or(text, |(name, _)| name);
    if text.is_empty() {
        return Vec::new();
    }
    let names = graph.graph.node_weights();
    let names: BTreeSet<&str> =
        names.flat_map(|node| [node.name, node.package.name.as_str()]).collect();
    let like = |name: &&str| (name.contains(text), strsim::jaro_winkler(name, text));
    let mut names: Vec<_> = names.into_iter().map(|name| (like(&name), name)).collect();
    names.retain(|((part, alike), _)| *part || *alike >= ALIKE);
    // The sort is stable: of equals the first by name.
    names.sort_by(|((a, x), _), ((b, y), _)| b.cmp(a).then(y.total_cmp(x)));
    names.into_iter().take(NEAR).map(|(_, name)| name.to_owned()).collect()
}
