//! Features that are on or off only because another package changed: Cargo unifies what all
//! dependents ask for, so one line of a manifest may show in twenty packages.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;

use super::cause::CauseKind;
use super::change::{Entry, Sign};
use super::graph::StepGraph;
use super::matching::Matching;

/// Says of each package that has other features, and nothing else of its own, which change it comes
/// with: the one where all that could have brought them begins. Where several could have, the
/// package is told for itself.
pub(super) fn find(
    entries: &mut [Entry],
    old: &StepGraph<'_>,
    new: &StepGraph<'_>,
    matching: &Matching,
) {
    let bringers = bringers(entries, old, new, matching);
    let mut company: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in bringers.keys().filter(|at| has_features_only(&entries[**at])) {
        let mut origins = origins(*at, entries, &bringers).into_iter();
        if let (Some(origin), None) = (origins.next(), origins.next()) {
            company.entry(origin).or_default().push(*at);
        }
    }
    for (origin, members) in company {
        let name = entries[origin].name();
        let all = [origin].into_iter().chain(members.iter().copied());
        let steps: BTreeSet<NodeIndex> =
            all.flat_map(|at| ids(&entries[at], new).collect::<Vec<_>>()).collect();
        entries[origin].follow = new.rebuilds(steps.iter().copied()).len() - steps.len();
        for at in members {
            entries[at].comes_with = Some(name.clone());
        }
    }
}

/// Whether features, and what these need, are all that changed of a package.
fn has_features_only(entry: &Entry) -> bool {
    let kinds = || entry.causes.iter().map(|cause| cause.kind);
    kinds().any(|kind| kind == CauseKind::Features)
        && kinds().all(|kind| matches!(kind, CauseKind::Features | CauseKind::Dependency))
}

/// Whether a change of a package may change the features of what it needs.
fn may_bring(entry: &Entry) -> bool {
    use CauseKind as K;
    let kinds = [K::Version, K::Source, K::Features, K::Dependency, K::Steps];
    entry.sign != Sign::Changed || entry.causes.iter().any(|cause| kinds.contains(&cause.kind))
}

/// Where the changes begin that reach `at`.
fn origins(
    at: usize,
    entries: &[Entry],
    bringers: &BTreeMap<usize, BTreeSet<usize>>,
) -> BTreeSet<usize> {
    let mut origins = BTreeSet::new();
    let mut seen = BTreeSet::from([at]);
    let mut queue = vec![at];
    while let Some(at) = queue.pop() {
        for by in &bringers[&at] {
            let passes = entries[*by].sign != Sign::Changed || has_features_only(&entries[*by]);
            if !(passes && bringers.contains_key(by)) {
                origins.insert(*by);
            } else if seen.insert(*by) {
                queue.push(*by);
            }
        }
    }
    origins
}

/// The changed packages that need a changed one, before or after, by their places among `entries`.
fn bringers(
    entries: &[Entry],
    old: &StepGraph<'_>,
    new: &StepGraph<'_>,
    matching: &Matching,
) -> BTreeMap<usize, BTreeSet<usize>> {
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    let of_packages = |(_, entry): &(usize, &Entry)| entry.new.is_some() || entry.old.is_some();
    for (at, entry) in entries.iter().enumerate().filter(of_packages) {
        match entry.sign {
            Sign::Removed => before.extend(ids(entry, old).map(|id| (id, at))),
            Sign::Added => after.extend(ids(entry, new).map(|id| (id, at))),
            Sign::Changed => {
                after.extend(ids(entry, new).map(|id| (id, at)));
                let olds = ids(entry, new).filter_map(|id| matching.predecessor.get(&id));
                before.extend(olds.map(|id| (*id, at)));
            }
        }
    }
    let mut bringers: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (graph, places) in [(old, before), (new, after)] {
        for (id, by) in places.iter().filter(|(_, by)| may_bring(&entries[**by])) {
            let needs = graph.graph.neighbors(*id).filter_map(|on| places.get(&on));
            for at in needs.filter(|at| *at != by) {
                bringers.entry(*at).or_default().insert(*by);
            }
        }
    }
    bringers
}

/// The steps of an entry in the graph that they are of.
fn ids<'g>(entry: &'g Entry, graph: &'g StepGraph<'_>) -> impl Iterator<Item = NodeIndex> + 'g {
    entry.steps.iter().filter_map(|step| graph.id(&step.platform, &step.step))
}
