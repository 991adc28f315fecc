//! Orders and paths.

use petgraph::Direction;
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

/// All nodes, each after what it needs; a cycle instead, if there is one.
///
/// # Errors
/// The nodes of one shortest cycle, as [`cycle`] gives them.
pub fn dependencies_first<N, E>(graph: &DiGraph<N, E>) -> Result<Vec<NodeIndex>, Vec<NodeIndex>> {
    match toposort(graph, None) {
        Ok(mut order) => {
            order.reverse();
            Ok(order)
        }
        Err(_) => Err(cycle(graph).unwrap_or_default()),
    }
}

/// One cycle that is as short as any through its first node: each node needs the next, and the
/// last needs the first.
#[must_use]
pub fn cycle<N, E>(graph: &DiGraph<N, E>) -> Option<Vec<NodeIndex>> {
    let knots = tarjan_scc(graph);
    let start = knots
        .iter()
        .filter_map(|knot| {
            knot.iter()
                .min()
                .filter(|node| knot.len() > 1 || graph.find_edge(**node, **node).is_some())
        })
        .min()?;
    // Breadth first from the start until an edge leads back to it.
    let mut before: Vec<Option<NodeIndex>> = vec![None; graph.node_count()];
    let mut queue = std::collections::VecDeque::from([*start]);
    while let Some(node) = queue.pop_front() {
        for next in graph.neighbors(node) {
            if next == *start {
                let mut nodes = vec![node];
                while let Some(previous) = before[nodes[nodes.len() - 1].index()] {
                    nodes.push(previous);
                }
                nodes.reverse();
                return Some(nodes);
            }
            if before[next.index()].is_none() {
                before[next.index()] = Some(node);
                queue.push_back(next);
            }
        }
    }
    None
}

/// The chain of nodes with the greatest sum of `weight`, the node that needs nothing first, and
/// the sum. Of equal chains the one whose nodes were added first. Empty for a graph with a cycle.
pub fn longest_path<N, E>(
    graph: &DiGraph<N, E>,
    weight: impl Fn(NodeIndex) -> u64,
) -> (Vec<NodeIndex>, u64) {
    let Ok(order) = dependencies_first(graph) else { return (Vec::new(), 0) };
    let mut best: Vec<(u64, Option<NodeIndex>)> = vec![(0, None); graph.node_count()];
    for node in order {
        let longest = graph
            .neighbors_directed(node, Direction::Outgoing)
            .map(|on| (best[on.index()].0, on))
            .max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.cmp(&a.1)));
        let (sum, on) = longest.map_or((0, None), |(sum, on)| (sum, Some(on)));
        best[node.index()] = (sum.saturating_add(weight(node)), on);
    }
    let last = graph
        .node_indices()
        .max_by(|a, b| best[a.index()].0.cmp(&best[b.index()].0).then_with(|| b.cmp(a)));
    let Some(last) = last else { return (Vec::new(), 0) };
    let mut chain = vec![last];
    while let Some(on) = best[chain[chain.len() - 1].index()].1 {
        chain.push(on);
    }
    chain.reverse();
    (chain, best[last.index()].0)
}
