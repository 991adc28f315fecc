//! Steps as users name them.

use petgraph::graph::NodeIndex;

use crate::review::StepGraph;
use crate::review::explain::{find, near};
use crate::text::words::shortened;

/// The most names that a message lists.
const LISTED: usize = 40;

/// The steps that `text` names.
///
/// # Errors
/// The plan has none of that name; those with the nearest names are in the help, or all packages.
pub fn named(graph: &StepGraph<'_>, text: &str) -> miette::Result<Vec<NodeIndex>> {
    let steps = find(graph, text);
    if !steps.is_empty() {
        return Ok(steps);
    }
    let near = near(graph, text);
    let help = match near.is_empty() {
        true => format!("its packages are {}; `rbn-plan steps` lists all steps", packages(graph)),
        false => format!("did you mean {}?", near.join(", ")),
    };
    Err(miette::miette!(help = help, "the plan has no step or package `{text}`"))
}

/// The steps that `text` names, and after a package the feature: `tokio/rt` and `tokio?/rt` as Cargo
/// writes them, `host/tokio/rt` on one platform only.
///
/// # Errors
/// As [`named`].
pub fn with_feature<'t>(
    graph: &StepGraph<'_>,
    text: &'t str,
) -> miette::Result<(Vec<NodeIndex>, Option<&'t str>)> {
    let steps = find(graph, text);
    if steps.is_empty()
        && let Some((package, feature)) = text.rsplit_once('/')
    {
        let steps = find(graph, package.trim_end_matches('?'));
        if !steps.is_empty() && !feature.is_empty() {
            return Ok((steps, Some(feature)));
        }
    }
    Ok((named(graph, text)?, None))
}

/// The names of the plan's packages.
fn packages(graph: &StepGraph<'_>) -> String {
    let mut names: Vec<&str> =
        graph.document.packages.values().map(|package| package.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    shortened(names, LISTED)
}
