//! Where the outputs of a plan's steps are: here, in a binary cache, or still to be built.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;
use serde_json::Value;

use super::dry;
use crate::review::{StepGraph, Times};
use crate::text::words::{count, plain, wrap};

/// A step's derivation and what it makes, as Nix evaluates them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The `.drv` file.
    pub drv: String,
    /// The path.
    pub out: String,
}

/// Reads what [`EXPRESSION`] gave: the outputs by step. A step that cannot be evaluated is not in it.
#[must_use]
pub fn read(graph: &StepGraph<'_>, said: &[u8]) -> BTreeMap<NodeIndex, Output> {
    let value: Value = serde_json::from_slice(said).unwrap_or_default();
    let text = |step: &Value, name: &str| step.get(name)?.as_str().map(str::to_owned);
    let mut found = BTreeMap::new();
    for id in graph.graph.node_indices() {
        let node = &graph.graph[id];
        let step = value.get(node.platform).and_then(|group| group.get(node.name));
        let output = step.and_then(|step| Some((text(step, "drv")?, text(step, "out")?)));
        if let Some((drv, out)) = output {
            found.insert(id, Output { drv, out });
        }
    }
    found
}

/// What is applied to a plan's `steps`.
pub const EXPRESSION: &str = "builtins.mapAttrs (_: builtins.mapAttrs (_: step: \
     if (builtins.tryEval step.drvPath).success then { drv = step.drvPath; out = step.outPath; } else null))";

/// Where everything is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The steps whose outputs are in the store here.
    pub here: BTreeSet<NodeIndex>,
    /// Those that are not, by the cache that has them; the first one that does.
    pub cached: BTreeMap<NodeIndex, String>,
    /// Those that must be built.
    pub build: BTreeSet<NodeIndex>,
    /// Those that are nowhere, and that nothing needs which is to be built.
    pub needless: BTreeSet<NodeIndex>,
}

impl Places {
    /// Sorts the steps, for a build of `tops`.
    #[must_use]
    pub fn of(
        graph: &StepGraph<'_>,
        here: BTreeSet<NodeIndex>,
        cached: BTreeMap<NodeIndex, String>,
        tops: impl IntoIterator<Item = NodeIndex>,
    ) -> Self {
        let mut build = BTreeSet::new();
        let mut queue: Vec<NodeIndex> = tops.into_iter().collect();
        while let Some(id) = queue.pop() {
            if !here.contains(&id) && !cached.contains_key(&id) && build.insert(id) {
                queue.extend(graph.graph.neighbors(id));
            }
        }
        let is_nowhere =
            |id: &NodeIndex| !here.contains(id) && !cached.contains_key(id) && !build.contains(id);
        let needless = graph.graph.node_indices().filter(is_nowhere).collect();
        Self { here, cached, build, needless }
    }

    /// For people: the sums, then what takes longest to build.
    #[must_use]
    pub fn text(&self, graph: &StepGraph<'_>, times: &Times) -> String {
        let mut parts = vec![format!("{} here", self.here.len())];
        let mut caches: BTreeMap<&str, usize> = BTreeMap::new();
        for cache in self.cached.values() {
            *caches.entry(cache).or_default() += 1;
        }
        parts.extend(caches.iter().map(|(cache, number)| format!("{number} in {}", plain(cache))));
        if !self.needless.is_empty() {
            parts.push(format!("{} that nothing needs now", self.needless.len()));
        }
        parts.push(format!("{} to build", self.build.len()));
        let all = count(graph.graph.node_count(), "step");
        let cost = dry::cost(graph, times, &self.build);
        let mut text = wrap("", &format!("{all}: {}{cost}.", parts.join(", ")), 2);
        text.push('\n');
        text.push_str(&dry::rows(graph, times, &self.build));
        text
    }

    /// For programs: the place of each step by `PLATFORM/STEP`.
    #[must_use]
    pub fn json(
        &self,
        graph: &StepGraph<'_>,
        times: &Times,
        outputs: &BTreeMap<NodeIndex, Output>,
    ) -> Value {
        let mut steps = serde_json::Map::new();
        for id in graph.graph.node_indices() {
            let place = match () {
                () if self.here.contains(&id) => "here",
                () if self.cached.contains_key(&id) => "cache",
                () if self.build.contains(&id) => "build",
                () => "needless",
            };
            let mut step = serde_json::json!({ "place": place });
            if let Some(cache) = self.cached.get(&id) {
                step["cache"] = cache.as_str().into();
            }
            if let Some(output) = outputs.get(&id) {
                step["output"] = output.out.as_str().into();
            }
            if let Some(time) = times.of(graph, id) {
                step["milliseconds"] = time.into();
            }
            steps.insert(graph.reference(id).to_string(), step);
        }
        serde_json::json!({
            "format_version": 1,
            "here": self.here.len(),
            "cached": self.cached.len(),
            "build": self.build.len(),
            "needless": self.needless.len(),
            "steps": steps,
        })
    }
}
