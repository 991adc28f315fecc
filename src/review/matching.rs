//! Which step of one plan is which of another: by meaning, not by name.
//!
//! A version bump, a feature or a profile do not make another step. Where a plan has several
//! steps of one meaning (two versions of a package, two sets of features), equal names are paired
//! first, then the most alike.

use std::collections::BTreeMap;

use petgraph::graph::NodeIndex;

use super::graph::{Node, StepGraph};
use crate::model::document::{Action, Kind, Mode};

/// What makes a step the same step, whatever its version.
type Meaning<'d> = (&'d str, &'d str, Action, Kind, Mode, &'d str);

fn meaning<'d>(node: &Node<'d>) -> Meaning<'d> {
    let step = node.step;
    let kept = matches!(step.kind, Kind::Bin | Kind::Example | Kind::Test | Kind::Bench);
    let name = step.target.as_ref().filter(|_| kept).map_or("", |target| target.name.as_str());
    (node.platform, &node.package.name, step.action, step.kind, step.mode, name)
}

/// The pairs of two plans.
#[derive(Debug, Default)]
pub struct Matching {
    /// In both, in the new plan's order.
    pub pairs: Vec<(NodeIndex, NodeIndex)>,
    /// In the new plan only.
    pub added: Vec<NodeIndex>,
    /// In the old plan only.
    pub removed: Vec<NodeIndex>,
    /// The new step for an old one.
    pub successor: BTreeMap<NodeIndex, NodeIndex>,
    /// The old step for a new one.
    pub predecessor: BTreeMap<NodeIndex, NodeIndex>,
}

/// Matches the steps of two plans.
#[must_use]
pub fn steps(old: &StepGraph<'_>, new: &StepGraph<'_>) -> Matching {
    let mut groups: BTreeMap<Meaning<'_>, (Vec<NodeIndex>, Vec<NodeIndex>)> = BTreeMap::new();
    for id in old.graph.node_indices() {
        groups.entry(meaning(&old.graph[id])).or_default().0.push(id);
    }
    for id in new.graph.node_indices() {
        groups.entry(meaning(&new.graph[id])).or_default().1.push(id);
    }
    let mut matching = Matching::default();
    for (mut olds, mut news) in groups.into_values() {
        while let Some((a, b)) = closest(old, new, &olds, &news) {
            matching.pairs.push((olds.remove(a), news.remove(b)));
        }
        matching.removed.append(&mut olds);
        matching.added.append(&mut news);
    }
    matching.pairs.sort_by_key(|(_, new)| *new);
    matching.added.sort();
    matching.removed.sort();
    matching.successor = matching.pairs.iter().copied().collect();
    matching.predecessor = matching.pairs.iter().map(|(old, new)| (*new, *old)).collect();
    matching
}

/// The places of the two that are most alike; the first of equals.
fn closest(
    old: &StepGraph<'_>,
    new: &StepGraph<'_>,
    olds: &[NodeIndex],
    news: &[NodeIndex],
) -> Option<(usize, usize)> {
    if let (1, 1) = (olds.len(), news.len()) {
        return Some((0, 0));
    }
    let pairs = (0..olds.len()).flat_map(|a| (0..news.len()).map(move |b| (a, b)));
    pairs.max_by_key(|(a, b)| {
        let alike = likeness(&old.graph[olds[*a]], &new.graph[news[*b]]);
        (alike, std::cmp::Reverse((*a, *b)))
    })
}

fn likeness(old: &Node<'_>, new: &Node<'_>) -> u32 {
    let mut points = 0;
    let mut add = |more: u32, holds: bool| points += if holds { more } else { 0 };
    add(1000, old.name == new.name);
    add(500, old.step.package == new.step.package);
    add(400, old.package.version == new.package.version);
    add(200, series(&old.package.version) == series(&new.package.version));
    add(50, old.step.features == new.step.features);
    add(20, old.step.profile == new.step.profile);
    add(10, old.step.id == new.step.id);
    points
}

/// The versions that Cargo would take one for the other: `1`, `0.3`, `0.0.5`.
fn series(version: &str) -> String {
    let Ok(version) = semver::Version::parse(version) else { return version.to_owned() };
    match (version.major, version.minor, version.patch) {
        (0, 0, patch) => format!("0.0.{patch}"),
        (0, minor, _) => format!("0.{minor}"),
        (major, ..) => major.to_string(),
    }
}
