//! How long steps took, where somebody measured it.

use std::collections::BTreeMap;

use petgraph::graph::NodeIndex;
use serde::{Deserialize, Serialize};

use super::graph::StepGraph;

/// Recorded times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Milliseconds of each step, by `PLATFORM/NAME`.
    pub steps: BTreeMap<String, u64>,
}

impl Times {
    /// Whether there are any.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.steps.is_empty()
    }

    /// The milliseconds of a step, where they are known.
    #[must_use]
    pub fn of(&self, graph: &StepGraph<'_>, id: NodeIndex) -> Option<u64> {
        let node = &graph.graph[id];
        self.steps.get(&format!("{}/{}", node.platform, node.name)).copied()
    }

    /// What a step counts for on the critical path: its milliseconds, nothing where others have
    /// some and it has none, or 1 where nothing was measured.
    #[must_use]
    pub fn weight(&self, graph: &StepGraph<'_>, id: NodeIndex) -> u64 {
        if self.any() { self.of(graph, id).unwrap_or(0) } else { 1 }
    }
}
