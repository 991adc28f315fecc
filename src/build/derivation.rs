//! What a derivation of a plan's file is.

use std::collections::BTreeMap;

use petgraph::graph::NodeIndex;

use crate::model::document::StepRef;
use crate::nix::stored::{self, Stored};
use crate::review::StepGraph;

/// What stands in the place of a platform where packages are gathered (`templates/lib/collect.nix`).
const PACKAGES: &str = "packages";

/// What a derivation is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A step of the plan.
    Step(StepRef),
    /// A package or a target's programs, gathered: its name.
    Package(String),
    /// A fetch.
    Source,
    /// Anything else.
    Other,
}

/// A derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// What it is.
    pub subject: Subject,
    /// The paths that it makes, where they are known beforehand.
    pub outputs: Vec<String>,
    /// The `.drv` files that it needs.
    pub inputs: Vec<String>,
}

impl Known {
    /// What the file says.
    #[must_use]
    pub fn of(stored: Stored) -> Self {
        let text = |name: &str| stored.texts.get(name).cloned();
        let subject = match (text("step"), text("platform")) {
            (Some(step), Some(platform)) if platform == PACKAGES => Subject::Package(step),
            (Some(step), Some(platform)) => Subject::Step(StepRef { platform, step }),
            _ if stored.fixed => Subject::Source,
            _ => Subject::Other,
        };
        Self { subject, outputs: stored.outputs, inputs: stored.inputs }
    }
}

/// The steps of a plan by the names that their derivations have, for derivations whose file cannot
/// be read; names of several steps are not in it.
#[must_use]
pub fn by_name(graph: &StepGraph<'_>) -> BTreeMap<String, StepRef> {
    let mut found: BTreeMap<String, Vec<NodeIndex>> = BTreeMap::new();
    for id in graph.graph.node_indices() {
        found.entry(store_name(graph.graph[id].name)).or_default().push(id);
    }
    let alone = found.into_iter().filter_map(|(name, ids)| match ids.as_slice() {
        [id] => Some((name, graph.reference(*id))),
        _ => None,
    });
    alone.collect()
}

/// A step's name as the library of plans writes it for the store (`storeName`).
fn store_name(step: &str) -> String {
    step.replace([':', '~', ' ', '/', '@', '!'], "-")
}

/// The name of a `.drv` file without digest and ending, or the whole text.
#[must_use]
pub fn drv_name(drv: &str) -> &str {
    stored::name(drv).and_then(|name| name.strip_suffix(".drv")).unwrap_or(drv)
}
