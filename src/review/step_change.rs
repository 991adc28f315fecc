//! A step before and after: its own reasons to differ, apart from what it needs.

use petgraph::graph::NodeIndex;

use super::cause::{Cause, CauseKind};
use super::graph::{Node, StepGraph};
use super::matching::Matching;
use super::profile::{SEEN, code_generation, lto_words};
use super::set_change::{flags_change, list_change, map_change, set_change};
use super::{dependencies, package};
use crate::model::additions::Value;
use crate::model::document::{Action, Additions};

/// What a package that was asked for sees of it.
const PRIMARY: &str = "CARGO_PRIMARY_PACKAGE";

/// Whether a step is told that it was asked for.
pub(super) fn is_primary(node: &Node<'_>) -> bool {
    node.step.env.contains_key(PRIMARY)
}

/// The causes, apart from those of whole platforms.
pub(super) fn causes(
    (old_graph, old): (&StepGraph<'_>, NodeIndex),
    (new_graph, new): (&StepGraph<'_>, NodeIndex),
    matching: &Matching,
) -> Vec<Cause> {
    let (a, b) = (&old_graph.graph[old], &new_graph.graph[new]);
    let mut causes = Vec::new();
    let mut add = |kind, text: Option<String>| {
        causes.extend(text.map(|text| Cause::new(kind, text)));
    };
    for (kind, text) in package::changes(a, b) {
        add(kind, Some(text));
    }
    if a.step.action == Action::RunScript {
        let targets = set_change(&a.package.script_targets, &b.package.script_targets);
        add(CauseKind::Manifest, targets.map(|change| format!("build targets {change}")));
    }
    add(CauseKind::Features, set_change(&a.step.features, &b.step.features));
    add(CauseKind::Dependency, dependencies::change((old_graph, a), (new_graph, b), matching));
    add(CauseKind::Profile, code_generation((old_graph, old), (new_graph, new)));
    if a.step.lto != b.step.lto {
        let change = format!("{} -> {}", lto_words(&a.step.lto), lto_words(&b.step.lto));
        add(CauseKind::Lto, Some(change));
    }
    add(CauseKind::Override, additions_change(&a.step.additions, &b.step.additions));
    if a.step.replaced != b.step.replaced {
        add(CauseKind::Override, Some("the script's replacement".to_owned()));
    }
    if causes.is_empty() && !own_env(a, old_graph).eq(own_env(b, new_graph)) {
        let text = map_change(own_env(a, old_graph), own_env(b, new_graph));
        causes.extend(text.map(|text| Cause::new(CauseKind::Environment, text)));
    }
    // The digits that tell steps apart follow from all that a step is made of.
    let told_apart = |name: &str| name.contains('~');
    if causes.is_empty() && a.name != b.name && told_apart(a.name) != told_apart(b.name) {
        causes.push(Cause::new(CauseKind::Name, format!("was {}", a.name)));
    }
    causes
}

/// A difference that no other cause tells of: none is passed over because nobody thought of it.
pub(super) fn unexplained(a: &Node<'_>, b: &Node<'_>) -> Option<Cause> {
    let env = map_change(&a.step.env, &b.step.env).map(|text| format!("environment {text}"));
    let argv = flags_change(&a.step.argv, &b.step.argv).map(|text| format!("arguments {text}"));
    let reads = (a.step.sources != b.step.sources).then(|| "what it reads".to_owned());
    let place = (a.step.cwd != b.step.cwd).then(|| format!("directory {}", b.step.cwd));
    let words: Vec<String> = [env, argv, reads, place].into_iter().flatten().collect();
    (!words.is_empty()).then(|| Cause::new(CauseKind::Environment, words.join(", ")))
}

/// The environment without what is the plan's or its platform's.
fn own_env<'d>(
    node: &Node<'d>,
    graph: &StepGraph<'d>,
) -> impl Iterator<Item = (&'d String, &'d String)> {
    let document = graph.document;
    let cfg = document.platforms.get(node.platform).map(|platform| &platform.cfg_env);
    let is_shared = move |name: &String| {
        document.environment.contains_key(name)
            || cfg.is_some_and(|cfg| cfg.contains_key(name))
            || matches!(
                name.as_str(),
                "HOST" | "TARGET" | "CARGO_ENCODED_RUSTFLAGS" | "RUSTC_LINKER" | PRIMARY
            )
            || SEEN.contains(&name.as_str())
    };
    node.step.env.iter().filter(move |(name, _)| !is_shared(name))
}

fn additions_change(old: &Additions, new: &Additions) -> Option<String> {
    let parts = old.parts().into_iter().zip(new.parts());
    let words: Vec<String> = parts
        .filter_map(|(old, new)| {
            // Nested, so that a new form does not pass in silence.
            let change = match old.value {
                Value::List(a) => match new.value {
                    Value::List(b) if old.words == "rustflags" => flags_change(a, b),
                    Value::List(b) => list_change(a, b),
                    _ => None,
                },
                Value::Table(a) => match new.value {
                    Value::Table(b) => map_change(a, b),
                    _ => None,
                },
                Value::Flag(a) => match new.value {
                    Value::Flag(b) => (a != b).then(|| b.to_string()),
                    _ => None,
                },
            };
            change.map(|change| format!("{} {change}", old.words))
        })
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}
