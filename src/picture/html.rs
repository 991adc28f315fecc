//! The graph as one page: no network, no other file.

use serde::Serialize;

use crate::graph;
use crate::model::document::{Action, Kind};
use crate::review::{StepGraph, Times};
use crate::template::{self, Template};

#[derive(Serialize)]
struct Page {
    version: &'static str,
    style: &'static str,
    script: &'static str,
    data: String,
}

impl Template for Page {
    const NAME: &'static str = "plan.html";
}

/// What the page's script works on.
#[derive(Serialize)]
struct Data<'d> {
    selection: String,
    timed: bool,
    steps: Vec<StepData<'d>>,
    /// The critical path, from the step that needs nothing.
    critical: Vec<usize>,
    /// Its length: milliseconds, or steps.
    length: u64,
}

#[derive(Serialize)]
struct StepData<'d> {
    name: &'d str,
    platform: &'d str,
    package: &'d str,
    version: &'d str,
    kind: &'static str,
    profile: String,
    features: &'d [String],
    needs: Vec<usize>,
    root: bool,
    /// Milliseconds, where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<u64>,
}

/// Renders the page.
///
/// # Errors
/// tera's own, which a plan cannot cause.
pub fn render(steps: &StepGraph<'_>, times: &Times) -> Result<String, tera::Error> {
    let document = steps.document;
    let (critical, length) = graph::longest_path(&steps.graph, |id| times.weight(steps, id));
    let rows = steps.graph.node_indices().map(|id| {
        let node = &steps.graph[id];
        let mut needs: Vec<usize> = steps.graph.neighbors(id).map(|on| on.index()).collect();
        needs.sort_unstable();
        needs.dedup();
        StepData {
            name: node.name,
            platform: node.platform,
            package: &node.package.name,
            version: &node.package.version,
            kind: match (node.step.action, node.step.kind) {
                (Action::RunScript, _) => "run of a build script",
                (_, kind) => Kind::words(kind),
            },
            profile: format!(
                "{}, opt-level {}",
                node.step.profile.name, node.step.profile.opt_level
            ),
            features: &node.step.features,
            needs,
            root: document
                .roots
                .iter()
                .any(|root| root.platform == node.platform && root.step == node.name),
            time: times.of(steps, id),
        }
    });
    let data = Data {
        selection: document.selection.join(" "),
        timed: times.any(),
        steps: rows.collect(),
        critical: critical.iter().map(|id| id.index()).collect(),
        length,
    };
    let data = serde_json::to_string(&data).expect("names and numbers: nothing JSON cannot say");
    template::render(&Page {
        version: env!("CARGO_PKG_VERSION"),
        style: concat!(
            include_str!("../../templates/page.css"),
            include_str!("../../templates/plan.css")
        ),
        script: concat!(
            include_str!("../../templates/graph.js"),
            include_str!("../../templates/summary.js"),
            include_str!("../../templates/picture.js"),
            include_str!("../../templates/plan.js")
        ),
        // Inside a script element only `<` can end or open anything.
        data: data.replace('<', "\\u003c"),
    })
}
