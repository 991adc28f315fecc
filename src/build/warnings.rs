//! Warnings of the workspace's own packages, as Cargo shows them: of crates that others wrote, none.

use std::collections::BTreeSet;

use super::tracker::Running;
use crate::model::document::Origin;
use crate::review::StepGraph;

/// How the builder's own remarks begin, which are no warnings.
const BUILDER: &str = "rbn-plan: ";

/// Which warnings have been shown.
#[derive(Debug, Default)]
pub struct Warnings(BTreeSet<String>);

impl Warnings {
    /// What a job that was built well has to say: of a step of a path package, its log, where
    /// nothing else is (rustc's words, `cargo:warning`). Nothing that has been said before: a
    /// library of both platforms is compiled twice, and warns twice.
    pub fn of(&mut self, job: &Running, graph: &StepGraph<'_>) -> Option<String> {
        let step = job.step()?;
        let id = graph.id(&step.platform, &step.step)?;
        if !matches!(graph.graph[id].package.source, Origin::Path { .. }) {
            return None;
        }
        let said = job.log.iter().filter(|line| !line.starts_with(BUILDER));
        let text = said.map(String::as_str).collect::<Vec<_>>().join("\n").trim().to_owned();
        (!text.is_empty() && self.0.insert(text.clone())).then_some(text)
    }
}
