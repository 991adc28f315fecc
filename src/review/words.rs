//! Steps in a reader's words.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;

use super::graph::{Node, StepGraph};
use crate::model::document::{Action, Kind, Mode};

/// The most steps of a package that are told one by one.
const FEW: usize = 3;

/// `+program rg, +library (host)`, or `+12 steps`.
pub(super) fn steps(sign: char, graph: &StepGraph<'_>, steps: &BTreeSet<NodeIndex>) -> String {
    let mut platforms: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for id in steps {
        let node = &graph.graph[*id];
        platforms.entry(what(node)).or_default().insert(node.platform);
    }
    if platforms.len() > FEW {
        return format!("{sign}{} steps", steps.len());
    }
    let words = platforms.into_iter().map(|(what, platforms)| {
        // Build scripts and macros are for the host, all of them.
        let always = what.starts_with("build script") || what.starts_with("procedural macro");
        let is_host = platforms.iter().all(|name| *name == "host") && !always;
        format!("{sign}{what}{}", if is_host { " (host)" } else { "" })
    });
    words.collect::<Vec<_>>().join(", ")
}

fn what(node: &Node<'_>) -> String {
    let step = node.step;
    if step.action == Action::RunScript {
        return "run of the build script".to_owned();
    }
    let name = match step.kind {
        Kind::Bin | Kind::Example | Kind::Test | Kind::Bench => {
            step.target.as_ref().map(|target| format!(" {}", target.name))
        }
        Kind::Lib | Kind::ProcMacro | Kind::CustomBuild => None,
    };
    let mode = match step.mode {
        Mode::Build => "",
        Mode::Test => ", with tests",
        Mode::Check => ", checked",
        Mode::CheckTest => ", checked with tests",
        Mode::Doctest => ", tests in its documentation",
        Mode::Doc => ", documentation",
    };
    format!("{}{}{mode}", step.kind.words(), name.unwrap_or_default())
}
