//! The graph of a document's steps.

use std::collections::{BTreeMap, BTreeSet};

use miette::Diagnostic;
use petgraph::graph::{DiGraph, NodeIndex};
use thiserror::Error;

use crate::graph;
use crate::model::Document;
use crate::model::document::{Action, Carries, Kind, Mode, Package, Step, StepRef};

/// A step of a document with its name.
#[derive(Clone, Copy, Debug)]
pub struct Node<'d> {
    /// `host`, or a triple.
    pub platform: &'d str,
    /// The name in the platform's group.
    pub name: &'d str,
    /// The step.
    pub step: &'d Step,
    /// Its package.
    pub package: &'d Package,
}

impl Node<'_> {
    /// What the step makes, in a reader's words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match (self.step.action, self.step.mode, self.step.kind) {
            (Action::RunScript, ..) => "run of a build script",
            (_, Mode::Doctest, _) => "documentation test",
            (_, Mode::Doc, _) => "documented crate",
            // With the tests that stand in the code itself.
            (_, Mode::Test, Kind::Lib | Kind::ProcMacro | Kind::Bin) => "test program",
            (_, _, kind) => kind.words(),
        }
    }
}

/// A document's steps; an edge points from a step to one that it needs.
#[derive(Debug)]
pub struct StepGraph<'d> {
    /// The document.
    pub document: &'d Document,
    /// The graph, nodes in the order of [`Document::all`].
    pub graph: DiGraph<Node<'d>, &'d Carries>,
    ids: BTreeMap<(&'d str, &'d str), NodeIndex>,
}

/// A document that no build can follow.
#[derive(Debug, Error, Diagnostic)]
pub enum GraphError {
    /// A name that leads nowhere.
    #[error("{0} names a step or package that the plan does not have")]
    Dangling(String),
    /// Steps that need each other.
    #[error("the plan's steps need each other: {0}")]
    Cycle(String),
}

impl<'d> StepGraph<'d> {
    /// The graph of `document`.
    ///
    /// # Errors
    /// [`GraphError`], which no document that was read or planned causes but for a cycle.
    pub fn of(document: &'d Document) -> Result<Self, GraphError> {
        let mut graph = DiGraph::with_capacity(document.count(), document.count() * 4);
        let mut ids = BTreeMap::new();
        for (platform, name, step) in document.all() {
            let package = document.packages.get(&step.package);
            let package = package.ok_or_else(|| GraphError::Dangling(name.to_owned()))?;
            ids.insert((platform, name), graph.add_node(Node { platform, name, step, package }));
        }
        for (platform, name, step) in document.all() {
            for dependency in &step.dependencies {
                let on = (dependency.on.platform.as_str(), dependency.on.step.as_str());
                let on = ids.get(&on).ok_or_else(|| GraphError::Dangling(name.to_owned()))?;
                graph.add_edge(ids[&(platform, name)], *on, &dependency.carries);
            }
        }
        let graph = Self { document, graph, ids };
        if let Err(cycle) = graph::dependencies_first(&graph.graph) {
            let names: Vec<&str> = cycle.iter().map(|id| graph.graph[*id].name).collect();
            return Err(GraphError::Cycle(names.join(" -> ")));
        }
        Ok(graph)
    }

    /// A step's place.
    #[must_use]
    pub fn id(&self, platform: &str, name: &str) -> Option<NodeIndex> {
        self.ids.get(&(platform, name)).copied()
    }

    /// A step's name.
    #[must_use]
    pub fn reference(&self, id: NodeIndex) -> StepRef {
        let node = &self.graph[id];
        StepRef { platform: node.platform.to_owned(), step: node.name.to_owned() }
    }

    /// `starts` and all that needs them: what a change of `starts` rebuilds.
    #[must_use]
    pub fn rebuilds(&self, starts: impl IntoIterator<Item = NodeIndex>) -> BTreeSet<NodeIndex> {
        graph::dependents(&self.graph, starts)
    }

    /// How many of `ids` each platform has, `host` first.
    #[must_use]
    pub fn by_platform(&self, ids: &BTreeSet<NodeIndex>) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<(bool, &str), usize> = BTreeMap::new();
        for id in ids {
            let platform = self.graph[*id].platform;
            *counts.entry((platform != "host", platform)).or_default() += 1;
        }
        counts.into_iter().map(|((_, platform), count)| (platform.to_owned(), count)).collect()
    }
}
