//! What changed between two plans, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::cause::{self, Cause, CauseKind};
use super::change::{Diff, Entry, FORMAT_VERSION, Sign, Totals};
use super::graph::{GraphError, StepGraph};
use super::matching::{self, Matching};
use super::shared::{self, SharedCauses};
use super::times::{Cost, Times};
use super::{company, words};
use crate::model::Document;
use crate::model::document::{Action, Kind, StepRef};

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
    let old = StepGraph::of(old)?;
    let new = StepGraph::of(new)?;
    let matching = matching::steps(&old, &new);
    let shared = shared::of_plans(&old, &new, &matching);
    let mut changes = Changes { new: &new, shared, packages: BTreeMap::new() };
    for (a, b) in &matching.pairs {
        for cause in cause::of_pair((&old, *a), (&new, *b), &matching) {
            if cause.kind.is_shared() {
                changes.shared.entry(shared::named(cause, &new, *b)).or_default().insert(*b);
            } else {
                changes.package(&old, *a, *b).causes.entry(cause).or_default().insert(*b);
            }
        }
    }
    let before: BTreeMap<NodeIndex, NodeIndex> =
        matching.pairs.iter().map(|(a, b)| (*b, *a)).collect();
    for (cause, ids) in shared::of_few_packages(&mut changes.shared, &new) {
        for id in ids {
            let causes = &mut changes.package(&old, before[&id], id).causes;
            causes.entry(cause.clone()).or_default().insert(id);
        }
    }
    shared::unite_lto(&mut changes.shared);
    changes.shared = shared::name_platforms(changes.shared, &new);
    let started: BTreeSet<NodeIndex> =
        changes.steps().chain(matching.added.iter().copied()).collect();
    let rebuilds = new.rebuilds(started);
    let mut entries = changes.entries(&old, &matching);
    company::find(&mut entries, &old, &new);
    let before: BTreeMap<NodeIndex, NodeIndex> =
        matching.pairs.iter().map(|(old, new)| (*new, *old)).collect();
    let time = |id: &NodeIndex| times.of(&new, *id).or_else(|| times.of(&old, *before.get(id)?));
    let count = |sign| entries.iter().filter(|entry| entry.sign == sign).count();
    Ok(Diff {
        format_version: FORMAT_VERSION,
        totals: Totals {
            added: count(Sign::Added),
            changed: count(Sign::Changed),
            removed: count(Sign::Removed),
            rebuilds: rebuilds.len(),
            steps: new.graph.node_count(),
            by_platform: new.by_platform(&rebuilds),
            cost: Cost::sum(rebuilds.iter().map(time)),
        },
        rebuilds: rebuilds.iter().map(|id| reference(&new, *id)).collect(),
        entries,
    })
}

fn reference(graph: &StepGraph<'_>, id: NodeIndex) -> StepRef {
    let node = &graph.graph[id];
    StepRef { platform: node.platform.to_owned(), step: node.name.to_owned() }
}

/// The changed steps of one package.
#[derive(Default)]
struct PackageChange {
    causes: BTreeMap<Cause, BTreeSet<NodeIndex>>,
}

struct Changes<'g, 'd> {
    new: &'g StepGraph<'d>,
    shared: SharedCauses,
    /// By the keys in the new and the old plan.
    packages: BTreeMap<(String, String), PackageChange>,
}

impl Changes<'_, '_> {
    fn package(&mut self, old: &StepGraph<'_>, a: NodeIndex, b: NodeIndex) -> &mut PackageChange {
        let keys = (self.new.graph[b].step.package.clone(), old.graph[a].step.package.clone());
        self.packages.entry(keys).or_default()
    }

    fn steps(&self) -> impl Iterator<Item = NodeIndex> {
        let packages = self.packages.values().flat_map(|change| change.causes.values());
        self.shared.values().chain(packages).flatten().copied()
    }

    fn entries(self, old: &StepGraph<'_>, matching: &Matching) -> Vec<Entry> {
        let new = self.new;
        let mut entries = Vec::new();
        for ((subject, cause), steps) in self.shared {
            entries.push(entry(new, Sign::Changed, subject, vec![cause], &steps));
        }
        let mut packages = self.packages;
        let mut fresh: BTreeMap<String, BTreeSet<NodeIndex>> = BTreeMap::new();
        let mut new_platforms: BTreeMap<&str, BTreeSet<NodeIndex>> = BTreeMap::new();
        for id in &matching.added {
            // A target that is new has nothing but new steps: told once.
            let platform = new.graph[*id].platform;
            if !old.document.steps.contains_key(platform) {
                new_platforms.entry(platform).or_default().insert(*id);
                continue;
            }
            fresh.entry(new.graph[*id].step.package.clone()).or_default().insert(*id);
        }
        let mut gone: BTreeMap<String, BTreeSet<NodeIndex>> = BTreeMap::new();
        let mut old_platforms: BTreeMap<&str, BTreeSet<NodeIndex>> = BTreeMap::new();
        for id in &matching.removed {
            let platform = old.graph[*id].platform;
            if !new.document.steps.contains_key(platform) {
                old_platforms.entry(platform).or_default().insert(*id);
                continue;
            }
            gone.entry(old.graph[*id].step.package.clone()).or_default().insert(*id);
        }
        for (graph, sign, platforms) in
            [(new, Sign::Added, new_platforms), (old, Sign::Removed, old_platforms)]
        {
            for (platform, steps) in platforms {
                let mut one = entry(graph, sign, platform.to_owned(), Vec::new(), &steps);
                one.notes.push("a whole platform".to_owned());
                one.follow = 0;
                entries.push(one);
            }
        }
        // A package that both plans have may have new steps, or fewer: that is a change of it.
        for (a, b) in &matching.pairs {
            let keys = (new.graph[*b].step.package.clone(), old.graph[*a].step.package.clone());
            if let Some(steps) = fresh.remove(&keys.0) {
                let text = words::steps('+', new, &steps);
                let cause = Cause::new(CauseKind::Steps, text);
                packages.entry(keys.clone()).or_default().causes.insert(cause, steps);
            }
            if let Some(steps) = gone.remove(&keys.1) {
                let text = words::steps('-', old, &steps);
                let cause = Cause::new(CauseKind::Steps, text);
                packages.entry(keys).or_default().causes.insert(cause, BTreeSet::new());
            }
        }
        let mut of_packages = Vec::new();
        for ((key, old_key), change) in packages {
            let steps: BTreeSet<NodeIndex> = change.causes.values().flatten().copied().collect();
            let (package, before) =
                (&new.document.packages[&key], &old.document.packages[&old_key]);
            let platforms = |ids: &BTreeSet<NodeIndex>| -> BTreeSet<&str> {
                ids.iter().map(|id| new.graph[*id].platform).collect()
            };
            let everywhere = platforms(&steps);
            let mut causes: Vec<Cause> = cause::united(change.causes.keys()).into_iter().collect();
            for (mut cause, ids) in change.causes {
                if cause.kind == CauseKind::Dependency {
                    continue;
                }
                // Where a cause holds for some platforms only, they are named.
                let here = platforms(&ids);
                let told = matches!(cause.kind, CauseKind::Features | CauseKind::Profile);
                if here != everywhere && !here.is_empty() && told {
                    let names: Vec<&str> = here.into_iter().collect();
                    cause.text = format!("{} ({})", cause.text, names.join(", "));
                }
                causes.push(cause);
            }
            causes.sort();
            let mut one = entry(new, Sign::Changed, package.name.clone(), causes, &steps);
            one.old = Some(before.version.clone());
            one.new = Some(package.version.clone());
            one.root = is_root(new, &one);
            of_packages.push(one);
        }
        for (key, steps) in fresh {
            let package = &new.document.packages[&key];
            let mut one = entry(new, Sign::Added, package.name.clone(), Vec::new(), &steps);
            one.new = Some(package.version.clone());
            one.needed_by = needed_by(new, &steps);
            one.notes = notes(new, &key, &steps);
            one.root = is_root(new, &one);
            of_packages.push(one);
        }
        for (key, steps) in gone {
            let package = &old.document.packages[&key];
            let mut one = entry(old, Sign::Removed, package.name.clone(), Vec::new(), &steps);
            one.old = Some(package.version.clone());
            // What needed it has a cause of its own.
            one.follow = 0;
            one.root = is_root(old, &one);
            of_packages.push(one);
        }
        let order = |entry: &Entry| {
            (entry.sign, entry.subject.clone(), entry.new.clone(), entry.old.clone())
        };
        of_packages.sort_by_key(order);
        entries.append(&mut of_packages);
        entries
    }
}

fn entry(
    graph: &StepGraph<'_>,
    sign: Sign,
    subject: String,
    causes: Vec<Cause>,
    steps: &BTreeSet<NodeIndex>,
) -> Entry {
    let follow = graph.rebuilds(steps.iter().copied()).len() - steps.len();
    let references: Vec<StepRef> = steps.iter().map(|id| reference(graph, *id)).collect();
    Entry {
        sign,
        subject,
        old: None,
        new: None,
        causes,
        needed_by: Vec::new(),
        notes: Vec::new(),
        comes_with: None,
        root: false,
        steps: references,
        follow,
    }
}

fn is_root(graph: &StepGraph<'_>, entry: &Entry) -> bool {
    entry.steps.iter().any(|step| graph.document.roots.contains(step))
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
    if !matches!(package.source, crate::model::document::Origin::Registry { .. }) {
        notes.push(cause::origin(&package.source).to_owned());
    }
    notes
}
