//! What changed between two plans, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::cause::{self, Cause, CauseKind};
use super::change::{Diff, Entry, FORMAT_VERSION, Sign, Totals};
use super::graph::{GraphError, StepGraph};
use super::matching::{self, Matching};
use super::times::{Cost, Times};
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
    let mut changes = Changes { new: &new, shared: shared(&old, &new), packages: BTreeMap::new() };
    for (a, b) in &matching.pairs {
        let causes = cause::of_pair((&old, &old.graph[*a]), (&new, &new.graph[*b]), &matching);
        for cause in causes {
            if cause.kind.is_shared() {
                changes.shared.entry(named(cause, &new, *b)).or_default().insert(*b);
            } else {
                changes.package(&old, *a, *b).causes.entry(cause).or_default().insert(*b);
            }
        }
    }
    let started: BTreeSet<NodeIndex> =
        changes.steps().chain(matching.added.iter().copied()).collect();
    let rebuilds = new.rebuilds(started);
    let entries = changes.entries(&old, &matching);
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

/// A shared cause with whom it concerns.
type Shared = (String, Cause);

fn named(cause: Cause, new: &StepGraph<'_>, id: NodeIndex) -> Shared {
    let node = &new.graph[id];
    let subject = match cause.kind {
        CauseKind::Profile => format!("profile {}", node.step.profile.name),
        CauseKind::Lto => "link-time optimisation".to_owned(),
        _ => node.package.name.clone(),
    };
    (subject, cause)
}

/// The causes that lie outside of packages, with the steps that they meet.
fn shared(old: &StepGraph<'_>, new: &StepGraph<'_>) -> BTreeMap<Shared, BTreeSet<NodeIndex>> {
    let (a, b) = (old.document, new.document);
    let mut shared: BTreeMap<Shared, BTreeSet<NodeIndex>> = BTreeMap::new();
    let mut add = |subject: &str, kind, text: Option<String>, meets: &dyn Fn(NodeIndex) -> bool| {
        let Some(text) = text else { return };
        let steps = new.graph.node_indices().filter(|id| meets(*id));
        shared.insert((subject.to_owned(), Cause::new(kind, text)), steps.collect());
    };
    let arrow = |old: &str, new: &str| (old != new).then(|| format!("{old} -> {new}"));
    let recipe = (a.recipe != b.recipe).then(|| "made by another version of rbn-plan".to_owned());
    add("plan", CauseKind::Recipe, recipe, &|_| true);
    add("plan", CauseKind::Environment, cause::map_change(&a.environment, &b.environment), &|_| {
        true
    });
    // A package that came or went is told as such, whether it was asked for or not.
    let roots = cause::set_change(&kept_roots(a, b), &kept_roots(b, a));
    add("plan", CauseKind::Roots, roots, &|_| false);
    let is_run = |id: NodeIndex| new.graph[id].step.action == Action::RunScript;
    add("plan", CauseKind::Host, arrow(&a.host, &b.host), &is_run);
    for (name, new_facts) in &b.platforms {
        let Some(old_facts) = a.platforms.get(name) else { continue };
        let here = |id: NodeIndex| new.graph[id].platform == name;
        let flags = cause::list_change(&old_facts.rustflags, &new_facts.rustflags);
        add(name, CauseKind::Rustflags, flags, &here);
        let linker =
            |linker: &Option<String>| linker.clone().unwrap_or_else(|| "default".to_owned());
        let linkers = arrow(&linker(&old_facts.linker), &linker(&new_facts.linker));
        add(name, CauseKind::Linker, linkers, &here);
        let cfg = cause::map_change(&old_facts.cfg_env, &new_facts.cfg_env);
        add(name, CauseKind::Cfg, cfg, &|id| here(id) && is_run(id));
    }
    shared
}

/// The roots of `document` whose packages `other` has too.
fn kept_roots(document: &Document, other: &Document) -> BTreeSet<String> {
    let names: BTreeSet<&str> = other.packages.values().map(|p| p.name.as_str()).collect();
    let kept = |root: &&StepRef| {
        let package = document.step(root).and_then(|step| document.packages.get(&step.package));
        other.steps.contains_key(&root.platform)
            && package.is_some_and(|package| names.contains(package.name.as_str()))
    };
    let roots = document.roots.iter().filter(kept);
    roots.map(|root| format!("{}/{}", root.platform, unversioned(document, root))).collect()
}

/// A root's name with its package's name in place of the key: a new version is no new root, and
/// neither is one that is told apart from others by other digits.
fn unversioned(document: &Document, root: &StepRef) -> String {
    let step = document.step(root);
    let package = step.and_then(|step| document.packages.get(&step.package).zip(Some(step)));
    match package {
        Some((package, step)) => match root.step.strip_prefix(step.package.as_str()) {
            Some(rest) => {
                let rest = rest.split('~').next().unwrap_or(rest);
                format!("{}{rest}", package.name)
            }
            None => root.step.clone(),
        },
        None => root.step.clone(),
    }
}

/// The changed steps of one package.
#[derive(Default)]
struct PackageChange {
    causes: BTreeMap<Cause, BTreeSet<NodeIndex>>,
}

struct Changes<'g, 'd> {
    new: &'g StepGraph<'d>,
    shared: BTreeMap<Shared, BTreeSet<NodeIndex>>,
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
                (one.follow, one.root) = (0, false);
                entries.push(one);
            }
        }
        // A package that both plans have may have new steps, or fewer: that is a change of it.
        for (a, b) in &matching.pairs {
            let keys = (new.graph[*b].step.package.clone(), old.graph[*a].step.package.clone());
            if let Some(steps) = fresh.remove(&keys.0) {
                let text = format!("+{}", step_words(new, &steps));
                let cause = Cause::new(CauseKind::Steps, text);
                packages.entry(keys.clone()).or_default().causes.insert(cause, steps);
            }
            if let Some(steps) = gone.remove(&keys.1) {
                let text = format!("-{}", step_words(old, &steps));
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
                if here != everywhere && !here.is_empty() && cause.kind == CauseKind::Features {
                    let names: Vec<&str> = here.into_iter().collect();
                    cause.text = format!("{} ({})", cause.text, names.join(", "));
                }
                causes.push(cause);
            }
            causes.sort();
            let mut one = entry(new, Sign::Changed, package.name.clone(), causes, &steps);
            one.old = Some(before.version.clone());
            one.new = Some(package.version.clone());
            of_packages.push(one);
        }
        for (key, steps) in fresh {
            let package = &new.document.packages[&key];
            let mut one = entry(new, Sign::Added, package.name.clone(), Vec::new(), &steps);
            one.new = Some(package.version.clone());
            one.needed_by = needed_by(new, &steps);
            one.notes = notes(new, &key, &steps);
            of_packages.push(one);
        }
        for (key, steps) in gone {
            let package = &old.document.packages[&key];
            let mut one = entry(old, Sign::Removed, package.name.clone(), Vec::new(), &steps);
            one.old = Some(package.version.clone());
            // What needed it has a cause of its own.
            one.follow = 0;
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
    let root = references.iter().any(|step| graph.document.roots.contains(step))
        && !causes.iter().any(|cause| cause.kind.is_shared());
    Entry {
        sign,
        subject,
        old: None,
        new: None,
        causes,
        needed_by: Vec::new(),
        notes: Vec::new(),
        root,
        steps: references,
        follow,
    }
}

/// `2 steps (host)`.
fn step_words(graph: &StepGraph<'_>, steps: &BTreeSet<NodeIndex>) -> String {
    let platforms = graph.by_platform(steps);
    let names: Vec<&str> = platforms.iter().map(|(name, _)| name.as_str()).collect();
    let noun = if steps.len() == 1 { "step" } else { "steps" };
    format!("{} {noun} ({})", steps.len(), names.join(", "))
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
