//! Code generation: what changed of it for a step.

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef as _;

use super::graph::{Node, StepGraph};
use super::set_change::flags_change;
use crate::model::document::{Action, Carries, Profile};

/// What build scripts see of a profile.
pub(super) const SEEN: [&str; 3] = ["DEBUG", "OPT_LEVEL", "PROFILE"];

/// A part in link-time optimisation, in words: what is linked in the end says of which kind it is.
pub(super) fn lto_words(lto: &str) -> String {
    match lto {
        "" => "none".to_owned(),
        "run" => "fat".to_owned(),
        "object-and-bitcode" => "code and bitcode".to_owned(),
        other => other.strip_prefix("run-").unwrap_or(other).to_owned(),
    }
}

/// Code generation of a step; of a run that of the library (or program) that uses it, whose
/// profile it sees a part of.
pub(super) fn code_generation(
    (old_graph, old): (&StepGraph<'_>, NodeIndex),
    (new_graph, new): (&StepGraph<'_>, NodeIndex),
) -> Option<String> {
    let (a, b) = (&old_graph.graph[old], &new_graph.graph[new]);
    if a.step.action != Action::RunScript {
        return profile_change(&a.step.profile, &b.step.profile);
    }
    let seen = |node: &Node<'_>| SEEN.map(|name| node.step.env.get(name).cloned());
    if seen(a) == seen(b) {
        return None;
    }
    let user = |graph: &StepGraph<'_>, id| {
        let edges = graph.graph.edges_directed(id, Direction::Incoming);
        let mut users = edges.filter(|edge| matches!(edge.weight(), Carries::ScriptOutput));
        users.next().map(|edge| edge.source())
    };
    let users = user(old_graph, old).zip(user(new_graph, new));
    let of_users = users.and_then(|(old, new)| {
        profile_change(&old_graph.graph[old].step.profile, &new_graph.graph[new].step.profile)
    });
    of_users.or_else(|| {
        let words = SEEN.iter().zip(seen(a)).zip(seen(b));
        let words = words.filter(|((_, a), b)| a != b).map(|((name, a), b)| {
            let text = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
            format!("{name} {} -> {}", text(a), text(b))
        });
        Some(words.collect::<Vec<_>>().join(", "))
    })
}

fn profile_change(old: &Profile, new: &Profile) -> Option<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let truth = |value: Option<bool>| value.unwrap_or_default().to_string();
    let units = |value: Option<u32>| value.map_or_else(|| "default".to_owned(), |n| n.to_string());
    let mut words = Vec::new();
    for (name, a, b) in [
        ("opt-level", old.opt_level.clone(), new.opt_level.clone()),
        ("debug", text(&old.debuginfo), text(&new.debuginfo)),
        ("split-debuginfo", text(&old.split_debuginfo), text(&new.split_debuginfo)),
        ("codegen-units", units(old.codegen_units), units(new.codegen_units)),
        ("debug-assertions", old.debug_assertions.to_string(), new.debug_assertions.to_string()),
        ("overflow-checks", truth(old.overflow_checks), truth(new.overflow_checks)),
        ("panic", text(&old.panic), text(&new.panic)),
        ("rpath", truth(old.rpath), truth(new.rpath)),
        ("strip", text(&old.strip), text(&new.strip)),
    ] {
        if a != b {
            words.push(format!("{name} {a} -> {b}"));
        }
    }
    words.extend(
        flags_change(&old.rustflags, &new.rustflags).map(|change| format!("rustflags {change}")),
    );
    (!words.is_empty()).then(|| words.join(", "))
}
