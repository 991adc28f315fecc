//! How long a library's compilation takes until its metadata is written.

use petgraph::graph::NodeIndex;

use crate::model::split::SUFFIX;
use crate::review::graph::StepGraph;
use crate::review::times::Times;

/// The front of a library whose metadata nobody measured, as a part of the whole.
pub const FRONT: f64 = 0.3;

/// The measured time of a step that wrote a library's metadata.
pub(super) fn measured(graph: &StepGraph<'_>, times: &Times, id: NodeIndex) -> Option<u64> {
    let node = &graph.graph[id];
    times.steps.get(&format!("{}/{}{SUFFIX}", node.platform, node.name)).copied()
}
