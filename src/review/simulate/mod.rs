//! How long a build would take on machines that are not here, by the times of builds that were.
//!
//! The model: a library's compilation has a front, until its metadata is written, on one processor, and a
//! back, which idle processors share. A machine runs as many steps at once as it has processors. Nix starts
//! the steps that may start in the order of their names (its goals are sorted so), and one thread of it
//! starts them all and takes in what they made; Cargo starts those that most others wait for.

mod front;
mod machine;
mod tasks;

use std::collections::BTreeSet;

use petgraph::graph::NodeIndex;

use super::graph::StepGraph;
use super::times::Times;
use crate::graph;
use crate::model::document::{Action, Kind};

pub use front::FRONT;
pub use machine::Machine;
pub use tasks::Way;

/// What is built: everything, or what an edit of a package leaves to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The edited package; none for a cold build.
    pub edit: Option<String>,
    /// The steps that are built.
    pub steps: BTreeSet<NodeIndex>,
    /// How long it takes, in milliseconds: for each machine, each way.
    pub milliseconds: Vec<(Machine, Vec<u64>)>,
    /// The chain of steps that takes longest in whole steps, with the time of each.
    pub path: Vec<(NodeIndex, u64)>,
    /// The steps of the chain that would shorten it most if they took no time, and by how much.
    pub gains: Vec<(NodeIndex, u64)>,
}

/// A simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// A cold build, and those after edits.
    pub cases: Vec<Case>,
    /// The ways that were simulated.
    pub ways: Vec<Way>,
    /// How many compilations of libraries that may be split there are, and of how many the front was
    /// measured.
    pub fronts: (usize, usize),
    /// How many steps have no time.
    pub untimed: usize,
}

/// Simulates a cold build and one after an edit of each of `edits`, packages of the plan.
#[must_use]
pub fn simulate(
    graph: &StepGraph<'_>,
    times: &Times,
    machines: &[Machine],
    edits: &[String],
) -> Simulation {
    let ways = vec![Way::Whole, Way::Members, Way::All, Way::Cargo];
    let all: BTreeSet<NodeIndex> = graph.graph.node_indices().collect();
    let libraries: Vec<NodeIndex> =
        all.iter().copied().filter(|id| tasks::is_of_metadata(graph, *id)).collect();
    let measured =
        libraries.iter().filter(|id| front::measured(graph, times, **id).is_some()).count();
    let cold = (None, all.clone());
    let edited = edits.iter().map(|package| (Some(package.clone()), after(graph, package)));
    let cases = std::iter::once(cold).chain(edited).map(|(edit, steps)| {
        let milliseconds = machines.iter().map(|machine| {
            let of = |way: &Way| machine.milliseconds(&tasks::tasks(graph, times, &steps, *way));
            (*machine, ways.iter().map(of).collect())
        });
        let weight = |id| if steps.contains(&id) { times.of(graph, id).unwrap_or(0) } else { 0 };
        let (path, longest) = graph::longest_path(&graph.graph, weight);
        let mut gains: Vec<(NodeIndex, u64)> = path
            .iter()
            .map(|gone| {
                let rest =
                    graph::longest_path(
                        &graph.graph,
                        |id| if id == *gone { 0 } else { weight(id) },
                    )
                    .1;
                (*gone, longest - rest)
            })
            .filter(|(_, gain)| *gain > 0)
            .collect();
        gains.sort_by_key(|(_, gain)| std::cmp::Reverse(*gain));
        gains.truncate(3);
        Case {
            edit,
            milliseconds: milliseconds.collect(),
            path: path
                .into_iter()
                .map(|id| (id, weight(id)))
                .filter(|(_, time)| *time > 0)
                .collect(),
            gains,
            steps,
        }
    });
    Simulation {
        cases: cases.collect(),
        ways: ways.clone(),
        fronts: (libraries.len(), measured),
        untimed: all.iter().filter(|id| times.of(graph, **id).is_none()).count(),
    }
}

/// What an edit of a package's code builds again.
fn after(graph: &StepGraph<'_>, package: &str) -> BTreeSet<NodeIndex> {
    let starts = graph.graph.node_indices().filter(|id| {
        let node = &graph.graph[*id];
        node.package.name == package
            && node.step.action == Action::Compile
            && node.step.kind != Kind::CustomBuild
    });
    graph.rebuilds(starts)
}

/// The packages of the workspace, those whose edit builds most again first.
#[must_use]
pub fn deepest(graph: &StepGraph<'_>) -> Vec<String> {
    let members: BTreeSet<&str> = graph
        .graph
        .node_weights()
        .filter(|node| tasks::is_member(node))
        .map(|node| node.package.name.as_str())
        .collect();
    let mut sized: Vec<(usize, &str)> =
        members.into_iter().map(|name| (after(graph, name).len(), name)).collect();
    sized.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    sized.into_iter().map(|(_, name)| name.to_owned()).collect()
}
