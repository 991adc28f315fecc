//! What manifests declare: features and dependencies, for the question why a feature is on.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use serde::Serialize;

use super::graph::StepGraph;
use crate::model::document::{Action, Carries, Kind, Mode, Step};

/// What manifests declare, by package name and version.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The packages.
    pub packages: BTreeMap<(String, String), DeclaredPackage>,
}

/// A package's manifest.
#[derive(Clone, Debug, Default)]
pub struct DeclaredPackage {
    /// Each feature with what it turns on.
    pub features: BTreeMap<String, Vec<String>>,
    /// Its dependencies.
    pub dependencies: Vec<DeclaredDependency>,
    /// The features that turn something on, by that: of thousands, each is asked for in turn.
    turned_on_by: BTreeMap<String, BTreeSet<String>>,
}

impl DeclaredPackage {
    /// A manifest with these features and dependencies.
    #[must_use]
    pub fn new(
        features: BTreeMap<String, Vec<String>>,
        dependencies: Vec<DeclaredDependency>,
    ) -> Self {
        let mut turned_on_by: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (feature, list) in &features {
            for turned_on in list {
                turned_on_by.entry(turned_on.clone()).or_default().insert(feature.clone());
            }
        }
        Self { features, dependencies, turned_on_by }
    }

    /// Which of the features that are `on`, in order, turn on what `value` says.
    fn turning_on<'p>(&'p self, value: &str, on: &'p [String]) -> impl Iterator<Item = &'p String> {
        let all = self.turned_on_by.get(value).into_iter().flatten();
        all.filter(|feature| on.binary_search(feature).is_ok())
    }
}

/// Which code a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// `[dependencies]`: every target but the build script.
    Code,
    /// `[dev-dependencies]`: tests, examples and benchmarks.
    Tests,
    /// `[build-dependencies]`: the build script.
    Script,
}

/// A dependency of a manifest.
#[derive(Clone, Debug)]
pub struct DeclaredDependency {
    /// The package's name.
    pub package: String,
    /// The name in the manifest.
    pub name: String,
    /// What needs it.
    pub needed_for: For,
    /// The platforms (`host`, or triples) that its table does not hold for.
    pub absent: BTreeSet<String>,
    /// Whether `default` is asked for.
    pub default: bool,
    /// The features that are asked for.
    pub features: Vec<String>,
}

/// Why a feature is on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Reason {
    /// The package was asked for, with the feature or with its default.
    Selected,
    /// Another feature of the package turns it on.
    Implied {
        /// That feature.
        by: String,
    },
    /// A dependent's manifest lists it.
    Asked {
        /// The dependent: name and version.
        by: String,
    },
    /// A dependent does not turn the default off.
    Default {
        /// The dependent: name and version.
        by: String,
    },
    /// A feature of a dependent turns it on.
    Through {
        /// The dependent: name and version.
        by: String,
        /// The dependent's feature.
        feature: String,
    },
}

/// Whether a selection in Cargo's words turns a feature of a root on.
fn selects(selection: &[String], package: &str, feature: &str) -> bool {
    let given = |flag: &str| selection.iter().any(|word| word == flag);
    if given("--all-features") || (feature == "default" && !given("--no-default-features")) {
        return true;
    }
    let lists = selection.iter().filter_map(|word| word.strip_prefix("--features="));
    lists
        .flat_map(|list| list.split(','))
        .any(|name| name == feature || name.split_once('/') == Some((package, feature)))
}

/// Whether Cargo gives a step the dependencies of `[dev-dependencies]`.
fn has_dev_dependencies(step: &Step) -> bool {
    matches!(step.kind, Kind::Example | Kind::Test | Kind::Bench)
        || matches!(step.mode, Mode::Test | Mode::CheckTest | Mode::Doctest)
}

/// Whether other features that are `on` turn `feature` on; tells them.
fn implied(
    own: &DeclaredPackage,
    on: &[String],
    feature: &str,
    reasons: &mut BTreeSet<Reason>,
) -> bool {
    let mut others = own.turning_on(feature, on).filter(|other| *other != feature).peekable();
    let found = others.peek().is_some();
    reasons.extend(others.map(|other| Reason::Implied { by: other.clone() }));
    found
}

impl Declared {
    /// Why `feature` is on for the package of `id`, on its platform.
    #[must_use]
    pub fn reasons(&self, graph: &StepGraph<'_>, id: NodeIndex, feature: &str) -> Vec<Reason> {
        let node = &graph.graph[id];
        let mut reasons = BTreeSet::new();
        // A run and a build script have the features of the library, and so its dependents.
        let family = graph.graph.node_indices().filter(|other| {
            let other = &graph.graph[*other];
            other.step.package == node.step.package
                && (other.platform == node.platform || node.step.kind == Kind::CustomBuild)
        });
        for one in family {
            let step = &graph.graph[one];
            let named = |root: &crate::model::document::StepRef| {
                root.platform == step.platform && root.step == step.name
            };
            let own = self.of(graph, one);
            let implied =
                own.is_some_and(|own| implied(own, &step.step.features, feature, &mut reasons));
            let root = graph.document.roots.iter().any(named);
            if !implied && root && selects(&graph.document.selection, &step.package.name, feature) {
                reasons.insert(Reason::Selected);
            }
            for dependent in graph.graph.neighbors_directed(one, Direction::Incoming) {
                self.asked(graph, one, dependent, feature, &mut reasons);
            }
        }
        reasons.into_iter().collect()
    }

    pub(super) fn of(&self, graph: &StepGraph<'_>, id: NodeIndex) -> Option<&DeclaredPackage> {
        let package = graph.graph[id].package;
        self.packages.get(&(package.name.clone(), package.version.clone()))
    }

    fn asked(
        &self,
        graph: &StepGraph<'_>,
        id: NodeIndex,
        dependent: NodeIndex,
        feature: &str,
        reasons: &mut BTreeSet<Reason>,
    ) {
        let (node, by) = (&graph.graph[id], &graph.graph[dependent]);
        let linked = graph.graph.edges_connecting(dependent, id);
        let mut carries = linked.map(|edge| edge.weight());
        let linked = carries.any(|c| matches!(c, Carries::Extern { .. } | Carries::Unlinkable));
        if !linked || by.step.action == Action::RunScript {
            return;
        }
        let Some(manifest) = self.of(graph, dependent) else { return };
        let name = format!("{} {}", by.package.name, by.package.version);
        let is_for = |code: For| match code {
            For::Script => by.step.kind == Kind::CustomBuild,
            For::Code => by.step.kind != Kind::CustomBuild,
            For::Tests => has_dev_dependencies(by.step),
        };
        let ours = manifest.dependencies.iter().filter(|dependency| {
            dependency.package == node.package.name
                && is_for(dependency.needed_for)
                && !dependency.absent.contains(by.platform)
        });
        for dependency in ours {
            if dependency.features.iter().any(|asked| asked == feature) {
                reasons.insert(Reason::Asked { by: name.clone() });
            }
            if feature == "default" && dependency.default {
                reasons.insert(Reason::Default { by: name.clone() });
            }
            for wanted in [
                format!("{}/{feature}", dependency.name),
                format!("{}?/{feature}", dependency.name),
            ] {
                for on in manifest.turning_on(&wanted, &by.step.features) {
                    let feature = on.clone();
                    reasons.insert(Reason::Through { by: name.clone(), feature });
                }
            }
        }
    }
}
