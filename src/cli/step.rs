//! Steps as users name them.

use petgraph::graph::NodeIndex;

use crate::review::StepGraph;
use crate::review::explain::{find, near};

/// The steps that `text` names.
///
/// # Errors
/// The plan has none of that name; those with the nearest names are in the help.
pub fn named(graph: &StepGraph<'_>, text: &str) -> miette::Result<Vec<NodeIndex>> {
    let steps = find(graph, text);
    if !steps.is_empty() {
        return Ok(steps);
    }
    let near = near(graph, text);
    let help = match near.is_empty() {
        true => "`rbn-plan --format json` lists all steps".to_owned(),
        false => format!("did you mean {}?", near.join(", ")),
    };
    Err(miette::miette!(help = help, "the plan has no step or package `{text}`"))
}
