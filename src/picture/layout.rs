//! Where the steps of a picture stand: in columns, each right of all that it needs.
//!
//! The method is Sugiyama's in its simplest form: longest-path layers, then a few sweeps that
//! move each step to the middle of its neighbours. Edges that follow from others are left out.

use std::collections::BTreeMap;

use petgraph::algo::tred::{dag_to_toposorted_adjacency_list, dag_transitive_reduction_closure};
use petgraph::graph::NodeIndex;
use petgraph::visit::IntoNeighbors;
use petgraph::{Direction, graph::DefaultIx};

use crate::graph;
use crate::review::StepGraph;

/// How often the order in the columns is improved.
const SWEEPS: usize = 6;

/// A picture's places.
#[derive(Debug, Default)]
pub struct Layout {
    /// Column and row of each step.
    pub places: BTreeMap<NodeIndex, (usize, usize)>,
    /// The number of columns.
    pub columns: usize,
    /// The number of rows.
    pub rows: usize,
    /// The edges to draw, from a step to one that it needs.
    pub edges: Vec<(NodeIndex, NodeIndex)>,
}

/// Lays a graph out.
#[must_use]
pub fn layout(steps: &StepGraph<'_>) -> Layout {
    let graph = &steps.graph;
    // `StepGraph::of` refuses graphs with a cycle.
    let Ok(order) = graph::dependencies_first(graph) else { return Layout::default() };
    let mut column: BTreeMap<NodeIndex, usize> = BTreeMap::new();
    for id in &order {
        let needs = graph.neighbors(*id).map(|on| column[&on] + 1);
        column.insert(*id, needs.max().unwrap_or(0));
    }
    let count = column.values().max().map_or(0, |last| last + 1);
    let mut columns: Vec<Vec<NodeIndex>> = vec![Vec::new(); count];
    for id in graph.node_indices() {
        columns[column[&id]].push(id);
    }
    let mut row: BTreeMap<NodeIndex, f64> = BTreeMap::new();
    let renumber = |columns: &[Vec<NodeIndex>], row: &mut BTreeMap<NodeIndex, f64>| {
        for column in columns {
            // A short column stands in the middle, so that edges stay short.
            let start = -(column.len() as f64) / 2.0;
            for (at, id) in column.iter().enumerate() {
                row.insert(*id, start + at as f64);
            }
        }
    };
    renumber(&columns, &mut row);
    for sweep in 0..SWEEPS {
        let direction = if sweep % 2 == 0 { Direction::Outgoing } else { Direction::Incoming };
        for column in &mut columns {
            let middle = |id: &NodeIndex| {
                let rows: Vec<f64> =
                    graph.neighbors_directed(*id, direction).map(|other| row[&other]).collect();
                if rows.is_empty() { row[id] } else { rows.iter().sum::<f64>() / rows.len() as f64 }
            };
            let mut placed: Vec<(f64, NodeIndex)> =
                column.iter().map(|id| (middle(id), *id)).collect();
            placed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            *column = placed.into_iter().map(|(_, id)| id).collect();
        }
        renumber(&columns, &mut row);
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut places = BTreeMap::new();
    for (x, column) in columns.iter().enumerate() {
        let start = (rows - column.len()) / 2;
        for (y, id) in column.iter().enumerate() {
            places.insert(*id, (x, start + y));
        }
    }
    Layout { places, columns: count, rows, edges: edges(steps, order) }
}

/// The edges that do not follow from others.
fn edges(steps: &StepGraph<'_>, mut order: Vec<NodeIndex>) -> Vec<(NodeIndex, NodeIndex)> {
    order.reverse();
    let (list, _) = dag_to_toposorted_adjacency_list::<_, DefaultIx>(&steps.graph, &order);
    let (reduced, _) = dag_transitive_reduction_closure(&list);
    let mut edges = Vec::new();
    for (at, from) in order.iter().enumerate() {
        let at = u32::try_from(at).expect("a graph has at most u32::MAX steps");
        edges.extend(reduced.neighbors(at).map(|to| (*from, order[to as usize])));
    }
    edges
}
