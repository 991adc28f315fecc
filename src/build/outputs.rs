//! Where the outputs of a plan's steps are: here, in a binary cache, or still to be built.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;
use serde_json::Value;

use super::dry;
use super::store::registered;
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

impl Output {
    /// Reads what [`ONE`] gave; nothing of what cannot be evaluated.
    fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        Some(Self { drv: text("drv")?, out: text("out")? })
    }
}

/// Reads what [`of_steps`] gave: the outputs by step. A step that cannot be evaluated is not in it.
#[must_use]
pub fn read(graph: &StepGraph<'_>, said: &[u8]) -> BTreeMap<NodeIndex, Output> {
    read_steps(graph, &serde_json::from_slice(said).unwrap_or_default())
}

fn read_steps(graph: &StepGraph<'_>, value: &Value) -> BTreeMap<NodeIndex, Output> {
    let mut found = BTreeMap::new();
    for id in graph.graph.node_indices() {
        let node = &graph.graph[id];
        let step = value.get(node.platform).and_then(|group| group.get(node.name));
        if let Some(output) = step.and_then(Output::read) {
            found.insert(id, output);
        }
    }
    found
}

/// What planned checks are made of, as [`of_checks`] gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// The outputs of each plan's steps, in the order of the graphs.
    pub steps: Vec<BTreeMap<NodeIndex, Output>>,
    /// The reports.
    pub reports: Vec<Output>,
    /// What only reads reports: it is there where all of them are good.
    pub gates: Vec<Output>,
}

/// Reads what [`of_checks`] gave; the graphs are those of the plans by their verbs.
#[must_use]
pub fn read_checks(graphs: &[(&str, StepGraph<'_>)], said: &[u8]) -> Checked {
    let value: Value = serde_json::from_slice(said).unwrap_or_default();
    let steps = graphs.iter().map(|(verb, graph)| read_steps(graph, &value["steps"][verb]));
    let list = |name: &str| {
        let all = value[name].as_array().into_iter().flatten();
        all.filter_map(Output::read).collect()
    };
    Checked { steps: steps.collect(), reports: list("reports"), gates: list("gates") }
}

/// What is known of one derivation.
const ONE: &str = "(step: if (builtins.tryEval step.drvPath).success \
     then { drv = step.drvPath; out = step.outPath; } else null)";

/// What is applied to a plan's `steps`.
#[must_use]
pub fn of_steps() -> String {
    format!("builtins.mapAttrs (_: builtins.mapAttrs (_: {ONE}))")
}

/// What is applied to `plans` of the file that joins plans of checks. Reports of other build machines are theirs.
#[must_use]
pub fn of_checks() -> String {
    let steps = of_steps();
    format!(
        "plans: let inherit (builtins) attrValues concatMap map mapAttrs; all = attrValues plans; \
         made = verb: name: if plans ? ${{verb}} then [ plans.${{verb}}.${{name}} ] else [ ]; in {{ \
         steps = mapAttrs (_: plan: {steps} plan.steps) plans; \
         reports = map {ONE} (concatMap (plan: plan.allReports) all); \
         gates = map {ONE} (concatMap (plan: attrValues plan.checkOf ++ [ plan.report ]) all \
         ++ made \"doc\" \"docs\" ++ made \"coverage\" \"coverage\"); }}"
    )
}

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

/// Where the reports of planned checks are. Of the steps behind a report that is there nothing is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportPlaces {
    /// Each path, and where it is.
    places: BTreeMap<String, Place>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Here,
    Cache(String),
    Nowhere,
}

impl ReportPlaces {
    /// What there is, and whether it is here.
    #[must_use]
    pub fn of(checked: &Checked) -> Self {
        let place = |path: &str| match registered(path.as_ref()) {
            true => Place::Here,
            false => Place::Nowhere,
        };
        let reports = checked.reports.iter().map(|report| &report.out);
        Self { places: reports.map(|path| (path.clone(), place(path))).collect() }
    }

    /// Whether no checks are planned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// What caches may be asked for.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let missing = self.places.iter().filter(|(_, place)| **place == Place::Nowhere);
        missing.map(|(path, _)| path.clone()).collect()
    }

    /// Takes what they said: the cache of each path that one has.
    pub fn answered<'a>(&mut self, found: impl IntoIterator<Item = (&'a String, &'a String)>) {
        for (path, cache) in found {
            if let Some(place) = self.places.get_mut(path) {
                *place = Place::Cache(cache.clone());
            }
        }
    }

    /// How many are here, how many each cache has, how many are nowhere.
    fn sums(&self) -> (usize, BTreeMap<&str, usize>, usize) {
        let (mut here, mut caches, mut nowhere) = (0, BTreeMap::new(), 0);
        for place in self.places.values() {
            match place {
                Place::Here => here += 1,
                Place::Cache(cache) => *caches.entry(cache.as_str()).or_default() += 1,
                Place::Nowhere => nowhere += 1,
            }
        }
        (here, caches, nowhere)
    }

    /// For people: one sentence; nothing where no checks are planned.
    #[must_use]
    pub fn text(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let (here, caches, nowhere) = self.sums();
        let mut parts = vec![format!("{here} here")];
        parts.extend(caches.iter().map(|(cache, number)| format!("{number} in {}", plain(cache))));
        parts.push(format!("{nowhere} to run"));
        let all = count(self.places.len(), "report");
        let mut text = wrap("", &format!("Planned checks: {all}: {}.", parts.join(", ")), 2);
        text.push('\n');
        text
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let (here, caches, nowhere) = self.sums();
        let cached: usize = caches.values().sum();
        serde_json::json!({ "here": here, "cached": cached, "run": nowhere })
    }
}
