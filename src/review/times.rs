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

/// What steps cost, as far as their times are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// The sum of the times that are known.
    pub milliseconds: u64,
    /// How many steps have one.
    pub timed: usize,
    /// How many steps there are.
    pub steps: usize,
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

    /// What `ids` cost together; nothing where no time of theirs is known.
    #[must_use]
    pub fn cost(
        &self,
        graph: &StepGraph<'_>,
        ids: impl IntoIterator<Item = NodeIndex>,
    ) -> Option<Cost> {
        Cost::sum(ids.into_iter().map(|id| self.of(graph, id)))
    }

    /// Takes the times of a later build, too; where both have one, the later holds.
    pub fn update(&mut self, later: Self) {
        self.steps.extend(later.steps);
    }
}

impl Cost {
    /// The sum of what is known; nothing where nothing is.
    pub fn sum(times: impl IntoIterator<Item = Option<u64>>) -> Option<Self> {
        let mut cost = Self::default();
        for time in times {
            cost.steps += 1;
            if let Some(time) = time {
                cost.timed += 1;
                cost.milliseconds = cost.milliseconds.saturating_add(time);
            }
        }
        (cost.timed > 0).then_some(cost)
    }
}
