//! What changed between two plans, and what follows from it.

use std::collections::BTreeSet;

use petgraph::graph::NodeIndex;

use super::change::{Diff, FORMAT_VERSION, Machines, SelectionChange, Sign, Totals};
use super::changes::Changes;
use super::graph::{GraphError, StepGraph};
use super::times::{Cost, Times};
use super::{entries, matching, transitive_packages, unified_features};
use crate::model::Document;

/// Compares two plans.
///
/// # Errors
/// [`GraphError`] for a plan whose steps need each other.
pub fn diff(old: &Document, new: &Document) -> Result<Diff, GraphError> {
    diff_timed(old, new, &Times::default())
}

/// As [`diff`], with what the rebuilds cost by recorded times. A step that was never timed counts
/// by the one that it was before, where that is known: another version of a crate takes about as
/// long.
///
/// # Errors
/// [`GraphError`] for a plan whose steps need each other.
pub fn diff_timed(old: &Document, new: &Document, times: &Times) -> Result<Diff, GraphError> {
    let (old, new) = (StepGraph::of(old)?, StepGraph::of(new)?);
    let matching = matching::steps(&old, &new);
    let changes = Changes::between(&old, &new, &matching);
    let started: BTreeSet<NodeIndex> =
        changes.steps().chain(matching.added.iter().copied()).collect();
    let rebuilds = new.rebuilds(started);
    let mut entries = entries::of(changes, &old, &new, &matching);
    transitive_packages::find(&mut entries, &old, &new);
    unified_features::find(&mut entries, &old, &new, &matching);
    let before = |id: &NodeIndex| times.of(&old, *matching.predecessor.get(id)?);
    let time = |id: &NodeIndex| times.of(&new, *id).or_else(|| before(id));
    let count = |sign| entries.iter().filter(|entry| entry.sign == sign).count();
    let is_new = |(platform, _): &(String, usize)| {
        !old.document.steps.contains_key(platform) && platform != "host"
    };
    let by_platform = new.by_platform(&rebuilds);
    let (was, is) = (&old.document.selection, &new.document.selection);
    Ok(Diff {
        format_version: FORMAT_VERSION,
        selection: (was != is).then(|| SelectionChange { old: was.clone(), new: is.clone() }),
        machines: Machines::default(),
        totals: Totals {
            added: count(Sign::Added),
            changed: count(Sign::Changed),
            removed: count(Sign::Removed),
            rebuilds: rebuilds.len(),
            steps: new.graph.node_count(),
            first_time: by_platform.iter().filter(|one| is_new(one)).cloned().collect(),
            by_platform,
            cost: Cost::sum(rebuilds.iter().map(time)),
        },
        rebuilds: rebuilds.iter().map(|id| new.reference(*id)).collect(),
        entries,
    })
}
