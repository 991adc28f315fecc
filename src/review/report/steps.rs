//! The steps of a plan as a list.

use petgraph::graph::NodeIndex;

use crate::review::{StepGraph, Times};
use crate::text::words::{count, duration, plain};

/// The widest that the column of names grows.
const NAME: usize = 46;

/// For people: by platform, each step with its kind, and how long it took where that is known.
#[must_use]
pub fn table(graph: &StepGraph<'_>, times: &Times, ids: &[NodeIndex]) -> String {
    let mut text = String::new();
    let width = ids.iter().map(|id| graph.graph[*id].name.chars().count());
    let width = width.max().unwrap_or(0).min(NAME);
    let mut platform = "";
    for id in ids {
        let node = &graph.graph[*id];
        if node.platform != platform {
            platform = node.platform;
            let here = ids.iter().filter(|id| graph.graph[**id].platform == platform).count();
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{}: {}\n", plain(platform), count(here, "step")));
        }
        let took = times.of(graph, *id).map(duration).unwrap_or_default();
        let line = format!("  {:<width$}  {:<21} {took:>7}", plain(node.name), node.kind());
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// For pipes: `PLATFORM/STEP`, one a line, as all commands take it.
#[must_use]
pub fn names(graph: &StepGraph<'_>, ids: &[NodeIndex]) -> String {
    let names = ids.iter().map(|id| format!("{}\n", plain(&graph.reference(*id).to_string())));
    names.collect()
}
