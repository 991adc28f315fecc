//! Who needs a package: the way to it from the workspace's own.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::{Package, PackageKey, Plan, Source};

/// Who needs a package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// The shortest way to it: from a package of the workspace to itself.
    pub shortest: Vec<String>,
    /// What needs it directly, beside that way.
    pub others: Vec<String>,
}

/// The packages that need others, by those that they need.
pub(super) struct Chains<'p> {
    packages: &'p BTreeMap<PackageKey, Package>,
    needed_by: BTreeMap<&'p PackageKey, BTreeSet<&'p PackageKey>>,
}

impl<'p> Chains<'p> {
    /// Of a plan's steps.
    pub(super) fn of(plan: &'p Plan) -> Self {
        let mut needed_by: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for edge in plan.graph.raw_edges() {
            let (from, to) =
                (&plan.graph[edge.source()].package, &plan.graph[edge.target()].package);
            if from != to {
                needed_by.entry(to).or_default().insert(from);
            }
        }
        Self { packages: &plan.packages, needed_by }
    }

    /// Who needs `package`.
    pub(super) fn to(&self, package: &'p PackageKey) -> Chain {
        let way = self.way(package);
        let next = way.iter().rev().nth(1).copied();
        let others = self.direct(package).filter(|key| Some(*key) != next);
        Chain {
            shortest: way.iter().map(|key| self.name(key)).collect(),
            others: others.map(|key| self.name(key)).collect(),
        }
    }

    /// From a package of the workspace to `package`; empty where none needs it.
    fn way(&self, package: &'p PackageKey) -> Vec<&'p PackageKey> {
        let mut above: BTreeMap<&PackageKey, &PackageKey> = BTreeMap::new();
        let mut queue = VecDeque::from([package]);
        while let Some(key) = queue.pop_front() {
            let source = self.packages.get(key).map(|package| &package.source);
            if matches!(source, Some(Source::Path { .. })) {
                let mut way = vec![key];
                while let Some(next) = way.last().and_then(|key| above.get(key)) {
                    way.push(next);
                }
                return way;
            }
            for next in self.direct(key) {
                // What waits already has a way that is as short.
                if next != package && !above.contains_key(next) {
                    above.insert(next, key);
                    queue.push_back(next);
                }
            }
        }
        Vec::new()
    }

    fn direct(&self, package: &PackageKey) -> impl Iterator<Item = &'p PackageKey> {
        self.needed_by.get(package).into_iter().flatten().copied()
    }

    fn name(&self, key: &PackageKey) -> String {
        match self.packages.get(key) {
            Some(package) => format!("{} {}", package.name, package.version),
            None => key.to_string(),
        }
    }
}
