//! The generic helpers, on graphs small enough to see through.

use petgraph::graph::{DiGraph, NodeIndex};
use rbn_plan::graph::{cycle, dependencies, dependencies_first, dependents, longest_path};

fn graph(edges: &[(u32, u32)]) -> DiGraph<(), ()> {
    DiGraph::from_edges(edges)
}

fn ids(nodes: impl IntoIterator<Item = NodeIndex>) -> Vec<usize> {
    nodes.into_iter().map(NodeIndex::index).collect()
}

#[test]
fn what_is_needed_comes_first() {
    let order = ids(dependencies_first(&graph(&[(0, 1), (1, 2), (0, 2), (3, 1)])).unwrap());
    let at = |node| order.iter().position(|other| *other == node).unwrap();
    assert!(at(2) < at(1) && at(1) < at(0) && at(1) < at(3), "{order:?}");
}

#[test]
fn a_cycle_is_told_in_full_and_as_short_as_it_is() {
    assert_eq!(cycle(&graph(&[(0, 1), (1, 2)])), None);
    assert_eq!(cycle(&graph(&[(0, 0)])).map(ids), Some(vec![0]));
    let knot = graph(&[(0, 1), (1, 2), (2, 3), (3, 1), (2, 1), (4, 0)]);
    assert_eq!(cycle(&knot).map(ids), Some(vec![1, 2]));
    assert_eq!(dependencies_first(&knot).map_err(ids), Err(vec![1, 2]));
}

#[test]
fn who_needs_whom() {
    let graph = graph(&[(0, 1), (1, 2), (3, 2), (4, 5)]);
    assert_eq!(ids(dependents(&graph, [NodeIndex::new(2)])), [0, 1, 2, 3]);
    assert_eq!(ids(dependencies(&graph, [NodeIndex::new(0)])), [0, 1, 2]);
    assert_eq!(ids(dependents(&graph, [NodeIndex::new(1), NodeIndex::new(5)])), [0, 1, 4, 5]);
}

#[test]
fn the_longest_path_goes_by_weight() {
    let graph = graph(&[(0, 1), (1, 2), (0, 3)]);
    let (chain, sum) = longest_path(&graph, |_| 1);
    assert_eq!((ids(chain), sum), (vec![2, 1, 0], 3));
    let (chain, sum) = longest_path(&graph, |id| if id.index() == 3 { 10 } else { 1 });
    assert_eq!((ids(chain), sum), (vec![3, 0], 11));
}
