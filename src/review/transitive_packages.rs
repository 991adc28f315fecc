//! Packages that come or go only because another one does.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;

use super::change::{Entry, Sign};
use super::graph::StepGraph;

/// Fewer than this many are told one by one.
const MANY: usize = 4;

/// Says of each package that only new (or only gone) packages need with which of them it comes
/// (or goes): one that something else needs too, or nothing.
pub(super) fn find(entries: &mut [Entry], old: &StepGraph<'_>, new: &StepGraph<'_>) {
    for (sign, graph) in [(Sign::Added, new), (Sign::Removed, old)] {
        let needs = needs(entries, sign, graph);
        let needed: BTreeMap<usize, bool> =
            needs.members.iter().map(|at| (*at, needs.is_led(*at))).collect();
        let leaders = needed.iter().filter(|(_, led)| !**led).map(|(at, _)| *at);
        let mut seen: BTreeSet<usize> = leaders.clone().collect();
        for leader in leaders {
            let mut company = Vec::new();
            let mut queue = vec![leader];
            while let Some(at) = queue.pop() {
                for on in needs.on.get(&at).into_iter().flatten() {
                    if seen.insert(*on) {
                        company.push(*on);
                        queue.push(*on);
                    }
                }
            }
            if company.len() >= MANY {
                let name = entries[leader].name();
                for at in company {
                    entries[at].comes_with = Some(name.clone());
                }
            }
        }
    }
}

/// What the packages of one sign need of each other, by their places among the entries.
struct Needs {
    members: BTreeSet<usize>,
    on: BTreeMap<usize, BTreeSet<usize>>,
    /// Members that something else needs, or nothing.
    free: BTreeSet<usize>,
}

impl Needs {
    fn is_led(&self, at: usize) -> bool {
        !self.free.contains(&at)
    }
}

fn needs(entries: &[Entry], sign: Sign, graph: &StepGraph<'_>) -> Needs {
    let mut places = BTreeMap::new();
    let mut members = BTreeSet::new();
    // Whole platforms have no version: they are nobody's company.
    let of_packages = |(_, entry): &(usize, &Entry)| {
        entry.sign == sign && (entry.new.is_some() || entry.old.is_some())
    };
    for (at, entry) in entries.iter().enumerate().filter(of_packages) {
        members.insert(at);
        for step in &entry.steps {
            places.extend(graph.id(&step.platform, &step.step).map(|id| (id, at)));
        }
    }
    let mut on: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut free = BTreeSet::new();
    let mut needed = BTreeSet::new();
    for (id, at) in &places {
        for dependent in graph.graph.neighbors_directed(*id, Direction::Incoming) {
            match places.get(&dependent) {
                Some(by) if by == at => {}
                Some(by) => {
                    needed.insert(*at);
                    on.entry(*by).or_default().insert(*at);
                }
                None => _ = free.insert(*at),
            }
        }
    }
    free.extend(members.difference(&needed));
    Needs { members, on, free }
}
