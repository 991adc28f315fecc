//! Who needs whom, directly or through others.

use std::collections::BTreeSet;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, GraphRef, IntoNeighbors, Reversed, Visitable};

/// `starts` and everything that needs one of them.
pub fn dependents<N, E>(
    graph: &DiGraph<N, E>,
    starts: impl IntoIterator<Item = NodeIndex>,
) -> BTreeSet<NodeIndex> {
    reached(Reversed(graph), starts)
}

/// `starts` and everything that one of them needs.
pub fn dependencies<N, E>(
    graph: &DiGraph<N, E>,
    starts: impl IntoIterator<Item = NodeIndex>,
) -> BTreeSet<NodeIndex> {
    reached(graph, starts)
}

fn reached<G>(graph: G, starts: impl IntoIterator<Item = NodeIndex>) -> BTreeSet<NodeIndex>
where
    G: GraphRef + IntoNeighbors<NodeId = NodeIndex> + Visitable<NodeId = NodeIndex>,
    G::Map: petgraph::visit::VisitMap<NodeIndex>,
{
    let mut search = Dfs::empty(graph);
    let mut found = BTreeSet::new();
    for start in starts {
        if found.contains(&start) {
            continue;
        }
        search.move_to(start);
        while let Some(node) = search.next(graph) {
            found.insert(node);
        }
    }
    found
}
