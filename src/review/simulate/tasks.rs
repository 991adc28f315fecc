//! What a machine would have to do, in each way to build.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef as _;

use super::front::{self, FRONT};
use crate::graph;
use crate::model::document::{Carries, Kind, Mode, Origin};
use crate::review::graph::{Node, StepGraph};
use crate::review::times::Times;

// What a step costs beside rustc, in milliseconds; docs/many-cores.md says how it was measured.
/// Nix's one thread makes the sandbox.
const START: f64 = 5.0;
/// The sandbox begins, and the builder puts sources and crates in their places.
const PLACE: f64 = 15.0;
/// Nix's one thread reads what was made, and writes it down.
const END: f64 = 3.0;

/// A way to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A plan whose steps are whole: `split = "off"`.
    Whole,
    /// The libraries of path packages are split.
    Members,
    /// All libraries are.
    All,
    /// Cargo, which starts a crate when the metadata below it is there.
    Cargo,
}

impl Way {
    /// Its column's head.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "off",
            Self::Members => "members",
            Self::All => "all",
            Self::Cargo => "cargo",
        }
    }
}

/// Something that a machine does in one go.
#[derive(Clone, Debug)]
pub(super) struct Task {
    /// Milliseconds of the one thread that starts all of them.
    pub start: f64,
    /// Milliseconds on one processor, to where its metadata is there.
    pub front: f64,
    /// Milliseconds of one processor that several may share.
    pub back: f64,
    /// Milliseconds of the one thread that takes in what they made.
    pub end: f64,
    /// What it waits for: a task, and whether its front is enough.
    pub needs: Vec<(usize, bool)>,
    /// Who goes first: smaller ones.
    pub rank: (usize, String),
}

/// Whether rustc makes a step's library of metadata, and tells when its own is there. The argument says it
/// where the builder's rule (`emit`) has decided it.
pub(super) fn is_of_metadata(graph: &StepGraph<'_>, id: NodeIndex) -> bool {
    let step = graph.graph[id].step;
    step.kind == Kind::Lib
        && step.mode == Mode::Build
        && step.argv.iter().any(|arg| arg == "--emit=dep-info,metadata,link")
}

pub(super) fn is_member(node: &Node<'_>) -> bool {
    matches!(node.package.source, Origin::Path { .. })
}

/// The tasks of `steps`; what is not among them is there already.
pub(super) fn tasks(
    graph: &StepGraph<'_>,
    times: &Times,
    steps: &BTreeSet<NodeIndex>,
    way: Way,
) -> Vec<Task> {
    let read: BTreeSet<NodeIndex> = steps
        .iter()
        .filter(|id| is_of_metadata(graph, **id))
        .flat_map(|id| crates(graph, *id))
        .collect();
    let is_split = |id: &NodeIndex| {
        let node = &graph.graph[*id];
        let chosen = match way {
            Way::Whole | Way::Cargo => false,
            Way::Members => is_member(node),
            Way::All => true,
        };
        chosen && !node.step.additions.whole && is_of_metadata(graph, *id) && read.contains(id)
    };
    let (start, place, end) = if way == Way::Cargo { (0.0, 0.0, 0.0) } else { (START, PLACE, END) };
    let mut tasks: Vec<Task> = Vec::new();
    let (mut whole, mut metadata) = (BTreeMap::new(), BTreeMap::new());
    for id in steps {
        let (front, back) = halves(graph, times, *id);
        let rank = rank(graph, *id, way);
        if is_split(id) {
            metadata.insert(*id, tasks.len());
            let rank = (rank.0, format!("{}-metadata", rank.1));
            let front = front + place;
            tasks.push(Task { start, front, back: 0.0, end, needs: Vec::new(), rank });
        }
        whole.insert(*id, tasks.len());
        tasks.push(Task { start, front: front + place, back, end, needs: Vec::new(), rank });
    }
    for id in steps {
        let reads = is_of_metadata(graph, *id);
        let mut needs: BTreeSet<(usize, bool)> = BTreeSet::new();
        for on in graph.graph.neighbors_directed(*id, Direction::Outgoing) {
            let Some(task) = whole.get(&on) else { continue };
            match metadata.get(&on).filter(|_| reads) {
                Some(front) => needs.insert((*front, false)),
                None => {
                    needs.insert((*task, reads && way == Way::Cargo && is_of_metadata(graph, on)))
                }
            };
        }
        if !reads && (way == Way::Cargo || !metadata.is_empty()) {
            // A linker waits for all libraries below.
            let below = graph::dependencies(&graph.graph, [*id]);
            needs.extend(
                below.iter().filter(|on| *on != id).filter_map(|on| Some((*whole.get(on)?, false))),
            );
        }
        let needs: Vec<(usize, bool)> = needs.into_iter().collect();
        if let Some(front) = metadata.get(id) {
            tasks[*front].needs.clone_from(&needs);
        }
        tasks[whole[id]].needs.extend(needs);
    }
    tasks
}

/// The crates that a step is compiled against.
fn crates(graph: &StepGraph<'_>, id: NodeIndex) -> impl Iterator<Item = NodeIndex> {
    let edges = graph.graph.edges(id);
    edges.filter(|edge| matches!(edge.weight(), Carries::Extern { .. })).map(|edge| edge.target())
}

/// A step's time until its metadata is there, and after.
fn halves(graph: &StepGraph<'_>, times: &Times, id: NodeIndex) -> (f64, f64) {
    // Less than 2^53 milliseconds are some hundred thousand years.
    let all = times.of(graph, id).unwrap_or(0) as f64;
    if !is_of_metadata(graph, id) {
        return (all, 0.0);
    }
    let front = front::measured(graph, times, id).map_or(all * FRONT, |front| front as f64);
    let front = front.min(all);
    (front, all - front)
}

fn rank(graph: &StepGraph<'_>, id: NodeIndex, way: Way) -> (usize, String) {
    let name = graph.graph[id].name.to_owned();
    match way {
        Way::Cargo => {
            let others = graph.rebuilds([id]).len();
            (graph.graph.node_count() - others, name)
        }
        _ => (0, name),
    }
}
