//! All causes between two plans, each with the steps of the new plan that it meets.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;

use super::cause::Cause;
use super::global_causes::{self, SharedCauses};
use super::graph::StepGraph;
use super::matching::Matching;
use super::step_change;

/// The causes of one package, with the steps that they meet.
pub(super) type Causes = BTreeMap<Cause, BTreeSet<NodeIndex>>;

/// What changed of steps that both plans have.
pub(super) struct Changes {
    /// What lies outside of packages.
    pub shared: SharedCauses,
    /// By the package's keys in the new and the old plan.
    pub packages: BTreeMap<(String, String), Causes>,
}

impl Changes {
    /// Looks at every pair of steps, and at what they share.
    pub fn between(old: &StepGraph<'_>, new: &StepGraph<'_>, matching: &Matching) -> Self {
        let keys = |a: NodeIndex, b: NodeIndex| {
            (new.graph[b].step.package.clone(), old.graph[a].step.package.clone())
        };
        let mut all = global_causes::of_plans(old, new, matching);
        let mut packages: BTreeMap<_, Causes> = BTreeMap::new();
        for (a, b) in &matching.pairs {
            for cause in step_change::causes((old, *a), (new, *b), matching) {
                let steps = match cause.kind.is_shared() {
                    true => all.entry(global_causes::named(cause, new, *b)).or_default(),
                    false => packages.entry(keys(*a, *b)).or_default().entry(cause).or_default(),
                };
                steps.insert(*b);
            }
        }
        let told = all.values().chain(packages.values().flat_map(BTreeMap::values)).flatten();
        let told = told.copied().chain(matching.added.iter().copied());
        let rebuilt = new.rebuilds(told.collect::<Vec<_>>());
        for (a, b) in matching.pairs.iter().filter(|(_, b)| !rebuilt.contains(b)) {
            if let Some(cause) = step_change::unexplained(&old.graph[*a], &new.graph[*b]) {
                let causes = packages.entry(keys(*a, *b)).or_default();
                causes.entry(cause).or_default().insert(*b);
            }
        }
        for (cause, ids) in global_causes::of_few_packages(&mut all, new) {
            for id in ids {
                let causes = packages.entry(keys(matching.predecessor[&id], id)).or_default();
                causes.entry(cause.clone()).or_default().insert(id);
            }
        }
        global_causes::unite_lto(&mut all);
        Self { shared: global_causes::name_platforms(all, new), packages }
    }

    /// The steps that have a cause of their own.
    pub fn steps(&self) -> impl Iterator<Item = NodeIndex> {
        let packages = self.packages.values().flat_map(BTreeMap::values);
        self.shared.values().chain(packages).flatten().copied()
    }
}
