//! What a step needs, before and after.

use std::collections::{BTreeMap, BTreeSet};

use super::cause::{Cause, CauseKind};
use super::graph::{Node, StepGraph};
use super::matching::Matching;
use crate::model::document::{Carries, Dependency, Kind};

/// `+NAME`, `-NAME`, or `NAME 1.0.0 -> 2.0.0` where another version came in its place.
pub(super) fn change(
    (old_graph, a): (&StepGraph<'_>, &Node<'_>),
    (new_graph, b): (&StepGraph<'_>, &Node<'_>),
    matching: &Matching,
) -> Option<String> {
    let successor = |d: &Dependency| {
        let id = old_graph.id(&d.on.platform, &d.on.step)?;
        matching.successor.get(&id).copied()
    };
    let node = |d: &Dependency| new_graph.id(&d.on.platform, &d.on.step);
    let before: BTreeSet<_> =
        a.step.dependencies.iter().map(|d| (successor(d), &d.carries)).collect();
    let after: BTreeSet<_> = b.step.dependencies.iter().map(|d| (node(d), &d.carries)).collect();
    let gone = a.step.dependencies.iter().filter(|d| {
        let to = successor(d);
        to.is_none() || !after.contains(&(to, &d.carries))
    });
    let come = b.step.dependencies.iter().filter(|d| !before.contains(&(node(d), &d.carries)));
    let mut gone: BTreeMap<String, &str> = gone.map(|d| label(old_graph, d, a)).collect();
    let mut words = BTreeSet::new();
    for (label, version) in come.map(|d| label(new_graph, d, b)) {
        words.insert(match gone.remove(&label) {
            None => format!("+{label}"),
            Some(old) if old != version => format!("{label} {old} -> {version}"),
            Some(_) => format!("{label} (another variant)"),
        });
    }
    words.extend(gone.keys().map(|label| format!("-{label}")));
    (!words.is_empty()).then(|| joined(words))
}

/// What `own` needs, in a reader's words, and the version of it.
fn label<'d>(graph: &StepGraph<'d>, on: &Dependency, own: &Node<'_>) -> (String, &'d str) {
    let id = graph.id(&on.on.platform, &on.on.step).expect("a graph leads somewhere");
    let package = graph.graph[id].package;
    let name = &package.name;
    let words = match &on.carries {
        Carries::ScriptOutput | Carries::ScriptProgram => "build script".to_owned(),
        Carries::BinExe { name } => format!("program {name}"),
        _ if *name == own.package.name => "its library".to_owned(),
        Carries::Links { name: links } => format!("{name} (links {links})"),
        Carries::Extern { name: called } if *called != name.replace('-', "_") => {
            format!("{name} (as {called})")
        }
        _ => name.clone(),
    };
    // A manifest lists these apart.
    let is_script = own.step.kind == Kind::CustomBuild;
    let words = if is_script { format!("{words} for the build script") } else { words };
    (words, &package.version)
}

/// The words of a change as one text; [`united`] takes it apart again.
fn joined(words: BTreeSet<String>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}

/// Several steps of a package need other things: one cause for all of them.
pub(super) fn united<'c>(causes: impl Iterator<Item = &'c Cause>) -> Option<Cause> {
    let words: BTreeSet<String> = causes
        .filter(|cause| cause.kind == CauseKind::Dependency)
        .flat_map(|cause| cause.text.split(", ").map(str::to_owned))
        .collect();
    (!words.is_empty()).then(|| Cause::new(CauseKind::Dependency, joined(words)))
}
