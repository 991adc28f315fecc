//! Changes as a reader is told them: one entry for each shared setting, platform and package.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::cause::{Cause, CauseKind};
use super::change::{Entry, Sign};
use super::changes::{Causes, Changes};
use super::graph::StepGraph;
use super::matching::Matching;
use super::{dependencies, package, words};
use crate::model::document::{Action, Kind, Origin, Package};

/// Steps by the key of their package.
type ByPackage = BTreeMap<String, BTreeSet<NodeIndex>>;

/// The entries: shared settings, platforms, then packages by name.
pub(super) fn of(
    changes: Changes,
    old: &StepGraph<'_>,
    new: &StepGraph<'_>,
    matching: &Matching,
) -> Vec<Entry> {
    let Changes { shared, mut packages } = changes;
    let mut entries = Vec::new();
    for ((subject, cause), steps) in shared {
        let mut one = entry(new, Sign::Changed, subject, &steps);
        one.causes = vec![cause];
        entries.push(one);
    }
    let mut fresh = alone(new, old, &matching.added, Sign::Added, &mut entries);
    let mut gone = alone(old, new, &matching.removed, Sign::Removed, &mut entries);
    // A package that both plans have may have new steps, or fewer: that is a change of it.
    for (a, b) in &matching.pairs {
        let keys = (new.graph[*b].step.package.clone(), old.graph[*a].step.package.clone());
        if let Some(steps) = fresh.remove(&keys.0) {
            let cause = Cause::new(CauseKind::Steps, words::steps('+', new, &steps));
            packages.entry(keys.clone()).or_default().insert(cause, steps);
        }
        if let Some(steps) = gone.remove(&keys.1) {
            let cause = Cause::new(CauseKind::Steps, words::steps('-', old, &steps));
            packages.entry(keys).or_default().insert(cause, BTreeSet::new());
        }
    }
    let changed = packages.into_iter().map(|(keys, causes)| changed(new, old, &keys, causes));
    let added = fresh.into_iter().map(|(key, steps)| added(new, &key, &steps));
    let removed = gone.into_iter().map(|(key, steps)| removed(old, &key, &steps));
    let mut of_packages: Vec<Entry> = changed.chain(added).chain(removed).collect();
    of_packages
        .sort_by_key(|one| (one.sign, one.subject.clone(), one.new.clone(), one.old.clone()));
    entries.append(&mut of_packages);
    entries
}

/// Steps that only one plan has, by package. A platform that is new has nothing but new steps: it is
/// told once, and so is one that is gone.
fn alone(
    graph: &StepGraph<'_>,
    other: &StepGraph<'_>,
    ids: &[NodeIndex],
    sign: Sign,
    entries: &mut Vec<Entry>,
) -> ByPackage {
    let mut platforms: BTreeMap<&str, BTreeSet<NodeIndex>> = BTreeMap::new();
    let mut packages = ByPackage::new();
    for id in ids {
        let node = &graph.graph[*id];
        if other.document.steps.contains_key(node.platform) {
            packages.entry(node.step.package.clone()).or_default().insert(*id);
        } else {
            platforms.entry(node.platform).or_default().insert(*id);
        }
    }
    for (platform, steps) in platforms {
        let mut one = entry(graph, sign, platform.to_owned(), &steps);
        one.notes.push("a whole platform".to_owned());
        one.follow = 0;
        entries.push(one);
    }
    packages
}

fn changed(
    new: &StepGraph<'_>,
    old: &StepGraph<'_>,
    (key, old_key): &(String, String),
    causes: Causes,
) -> Entry {
    let (package, before) = (&new.document.packages[key], &old.document.packages[old_key]);
    let steps: BTreeSet<NodeIndex> = causes.values().flatten().copied().collect();
    let platforms = |ids: &BTreeSet<NodeIndex>| -> BTreeSet<&str> {
        ids.iter().map(|id| new.graph[*id].platform).collect()
    };
    let everywhere = platforms(&steps);
    let mut told: Vec<Cause> = dependencies::united(causes.keys()).into_iter().collect();
    for (mut cause, ids) in causes {
        if cause.kind == CauseKind::Dependency {
            continue;
        }
        // Where a cause holds for some platforms only, they are named.
        let here = platforms(&ids);
        let named = matches!(cause.kind, CauseKind::Features | CauseKind::Profile);
        if here != everywhere && !here.is_empty() && named {
            let names: Vec<&str> = here.into_iter().collect();
            cause.text = format!("{} ({})", cause.text, names.join(", "));
        }
        told.push(cause);
    }
    told.sort();
    let mut one = of_package(new, Sign::Changed, package, &steps);
    one.causes = told;
    one.old = Some(before.version.clone());
    one.new = Some(package.version.clone());
    one
}

fn added(new: &StepGraph<'_>, key: &str, steps: &BTreeSet<NodeIndex>) -> Entry {
    let package = &new.document.packages[key];
    let mut one = of_package(new, Sign::Added, package, steps);
    one.new = Some(package.version.clone());
    one.needed_by = needed_by(new, steps);
    one.notes = notes(new, key, steps);
    one
}

fn removed(old: &StepGraph<'_>, key: &str, steps: &BTreeSet<NodeIndex>) -> Entry {
    let package = &old.document.packages[key];
    let mut one = of_package(old, Sign::Removed, package, steps);
    one.old = Some(package.version.clone());
    // What needed it has a cause of its own.
    one.follow = 0;
    one
}

/// An entry that says only which steps of a package it is about.
fn of_package(
    graph: &StepGraph<'_>,
    sign: Sign,
    package: &Package,
    steps: &BTreeSet<NodeIndex>,
) -> Entry {
    let mut one = entry(graph, sign, package.name.clone(), steps);
    one.root = one.steps.iter().any(|step| graph.document.roots.contains(step));
    one
}

/// An entry that says only which steps it is about.
fn entry(graph: &StepGraph<'_>, sign: Sign, subject: String, steps: &BTreeSet<NodeIndex>) -> Entry {
    Entry {
        sign,
        subject,
        old: None,
        new: None,
        causes: Vec::new(),
        needed_by: Vec::new(),
        notes: Vec::new(),
        comes_with: None,
        root: false,
        steps: steps.iter().map(|id| graph.reference(*id)).collect(),
        follow: graph.rebuilds(steps.iter().copied()).len() - steps.len(),
    }
}

/// The other packages that need one of `steps` directly.
fn needed_by(graph: &StepGraph<'_>, steps: &BTreeSet<NodeIndex>) -> Vec<String> {
    let mut names = BTreeSet::new();
    for id in steps {
        let own = &graph.graph[*id].step.package;
        for dependent in graph.graph.neighbors_directed(*id, Direction::Incoming) {
            let node = &graph.graph[dependent];
            if node.step.package != *own {
                names.insert(node.package.name.clone());
            }
        }
    }
    names.into_iter().collect()
}

fn notes(graph: &StepGraph<'_>, key: &str, steps: &BTreeSet<NodeIndex>) -> Vec<String> {
    let mut notes = Vec::new();
    let nodes = || steps.iter().map(|id| &graph.graph[*id]);
    if nodes().any(|node| node.step.kind == Kind::ProcMacro) {
        notes.push("procedural macro".to_owned());
    }
    if nodes().any(|node| node.step.action == Action::RunScript) {
        notes.push("build script".to_owned());
    }
    let package = &graph.document.packages[key];
    notes.extend(package.links.iter().map(|links| format!("links {links}")));
    if !matches!(package.source, Origin::Registry { .. }) {
        notes.push(package::origin(&package.source).to_owned());
    }
    notes
}
