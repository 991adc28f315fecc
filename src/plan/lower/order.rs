//! The order in which units become steps.

use crate::cargo::unit_graph::UnitGraph;
use crate::plan::error::PlanError;

/// The units in an order in which each follows what it needs.
pub(super) fn dependencies_first(graph: &UnitGraph) -> Result<Vec<usize>, PlanError> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut states = vec![State::New; graph.units.len()];
    let mut order = Vec::with_capacity(graph.units.len());
    for start in 0..graph.units.len() {
        let mut stack = vec![(start, 0)];
        while let Some((index, next)) = stack.pop() {
            if next == 0 {
                match states[index] {
                    State::Done => continue,
                    State::Open => {
                        return Err(PlanError::Cycle(graph.units[index].describe()));
                    }
                    State::New => states[index] = State::Open,
                }
            }
            match graph.units[index].dependencies.get(next) {
                Some(dependency) => {
                    stack.push((index, next + 1));
                    if states[dependency.index] != State::Done {
                        stack.push((dependency.index, 0));
                    }
                }
                None => {
                    states[index] = State::Done;
                    order.push(index);
                }
            }
        }
    }
    Ok(order)
}
