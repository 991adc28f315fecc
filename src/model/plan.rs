//! The plan: a directed acyclic graph of steps, and what they share.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use camino::Utf8PathBuf;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::bootstrap::Bootstrap;
use super::build_target::{BuildTarget, CrateType};
use super::checks::{Checks, Verb};
use super::edge::Edge;
use super::package::{Ignored, Package, PackageKey};
use super::platform::{Platform, Triple};
use super::step::{Mode, Step};

/// The graph: an edge points from a step to one that it needs.
pub type PlanGraph = DiGraph<Step, Edge, u32>;

/// A step's place in the graph.
pub type StepId = NodeIndex<u32>;

/// Settings that hold for all steps of a platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlatformFacts {
    /// rustflags from the environment and Cargo's configuration; never those of another platform.
    pub rustflags: Vec<String>,
    /// The linker of Cargo's configuration, as it stands there.
    pub linker: Option<String>,
    /// The command that runs the platform's programs, with its arguments; empty where they simply
    /// run, or where the toolchain knows.
    #[serde(default)]
    pub runner: Vec<String>,
    /// What rustc calls the file of a crate type, around `NAME`, where that is not as on Linux;
    /// empty for a crate type that the platform does not have.
    #[serde(default)]
    pub files: BTreeMap<CrateType, String>,
    /// `CARGO_CFG_*` of the platform, from `rustc --print cfg` with its rustflags; `feature` and
    /// `debug_assertions` are a step's own and not in it.
    pub cfg_env: BTreeMap<String, String>,
}

/// The locked flake input that a toolchain comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolchainPin {
    /// The input's name in flake.nix.
    pub input: String,
    /// The commit, where the input has commits.
    pub rev: Option<String>,
    /// The hash of its files, as flake.lock has it.
    pub nar_hash: String,
}

impl ToolchainPin {
    /// Reads a pin back from the line that [`Display`](fmt::Display) writes; `None` for another.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (named, nar_hash) = line.rsplit_once(", ")?;
        let (input, rev) = match named.split_once(" at ") {
            Some((input, rev)) => (input, Some(rev.to_owned())),
            None => (named, None),
        };
        Some(Self { input: input.to_owned(), rev, nar_hash: nar_hash.to_owned() })
    }
}

/// One line: `rust-overlay at 3a646bd, sha256-...`.
impl fmt::Display for ToolchainPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rev = self.rev.as_deref().map(|rev| format!(" at {rev}")).unwrap_or_default();
        let line = format!("{}{rev}, {}", self.input, self.nar_hash);
        f.write_str(&line.replace(char::is_control, ""))
    }
}

/// A plan.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The steps and what they take from each other.
    pub graph: PlanGraph,
    /// The packages by key.
    pub packages: BTreeMap<PackageKey, Package>,
    /// The steps that were asked for, in Cargo's order.
    pub roots: Vec<StepId>,
    /// The targets, in the order asked for.
    pub targets: Vec<Triple>,
    /// The triple of the build machine.
    pub host: Option<Triple>,
    /// Settings of each platform in the graph.
    pub platforms: BTreeMap<Platform, PlatformFacts>,
    /// The `[env]` table of Cargo's configuration.
    pub env: BTreeMap<String, String>,
    /// The selection in Cargo's words, for the header: `--workspace --release`.
    pub selection: Vec<String>,
    /// What of it config.toml does not say, as the flags that say it again, for the header.
    pub flags: Vec<String>,
    /// What is run over what is compiled, where that was asked for.
    pub checks: Option<Checks>,
    /// The locked flake input that the toolchain comes from, for the header.
    pub toolchain: Option<ToolchainPin>,
    /// What git ignores in the source tree, where there is git.
    pub ignored: Option<Ignored>,
    /// How far the source tree's root lies above the workspace root (0: they are the same);
    /// more only where path packages lie outside the workspace.
    pub root_depth: usize,
    /// The way from the plan's directory to the workspace root, where that is known; else one directory up.
    pub to_root: Option<Utf8PathBuf>,
    /// What rustc's own build adds, in its plans.
    pub bootstrap: Option<Bootstrap>,
}

/// The target that is built where none is named, of a plan's `targets`: for several build machines that of the
/// machine itself, `own`, where the plan has it; else the first.
#[must_use]
pub fn default_target<'t>(
    targets: &'t [Triple],
    own: Option<&Triple>,
    machines: usize,
) -> Option<&'t Triple> {
    let of_own = targets.iter().find(|target| Some(*target) == own);
    of_own.filter(|_| machines > 1).or(targets.first())
}

impl Plan {
    /// A step.
    #[must_use]
    pub fn step(&self, id: StepId) -> &Step {
        &self.graph[id]
    }

    /// A step's package.
    ///
    /// # Panics
    /// Never for a plan made by `plan::lower`: every step's package is in the plan.
    #[must_use]
    pub fn package(&self, id: StepId) -> &Package {
        self.packages.get(&self.graph[id].package).expect("every step's package is in the plan")
    }

    /// What a platform calls the file of a crate type, around `NAME`; empty where it has none.
    fn file_of(&self, platform: &Platform, kind: CrateType) -> &str {
        let stated = self.platforms.get(platform).and_then(|facts| facts.files.get(&kind));
        stated.map_or(kind.usual_file(), String::as_str)
    }

    /// The file that a step makes of a crate type; none where its platform has no such type.
    #[must_use]
    pub fn file_name(&self, id: StepId, kind: CrateType, name: &str) -> Option<String> {
        let pattern = self.file_of(&self.graph[id].platform, kind);
        if pattern.is_empty() { None } else { Some(pattern.replace("NAME", name)) }
    }

    /// Whether a platform has none of the crate types of a target: Cargo refuses to build it.
    #[must_use]
    pub fn has_no_file(&self, platform: &Platform, target: &BuildTarget) -> bool {
        target.crate_types.iter().all(|kind| self.file_of(platform, *kind).is_empty())
    }

    /// What `id` needs directly, in the order in which edges were added (Cargo's).
    pub fn dependencies(&self, id: StepId) -> impl Iterator<Item = (&Edge, StepId)> {
        let mut edges: Vec<_> =
            self.graph.edges(id).map(|e| (e.id(), e.weight(), e.target())).collect();
        edges.sort_by_key(|(edge, ..)| *edge);
        edges.into_iter().map(|(_, weight, target)| (weight, target))
    }

    /// The steps that checks look at, in no order: test programs and documentation that were asked
    /// for; of clippy all crates of the workspace's own packages; of rustfmt each crate root
    /// of those that were asked for, once.
    #[must_use]
    pub fn checked(&self) -> Vec<StepId> {
        let Some(checks) = &self.checks else { return Vec::new() };
        let mode = |id: &StepId| self.graph[*id].compile().map(|compile| compile.mode);
        let own = |id: &StepId| checks.members.contains(&self.graph[*id].package);
        match checks.verb {
            Verb::Test | Verb::Coverage | Verb::Bench => {
                let wanted = |id: &StepId| matches!(mode(id), Some(Mode::Test | Mode::Doctest));
                self.roots.iter().copied().filter(wanted).collect()
            }
            Verb::Clippy => {
                let all = self.graph.node_indices();
                all.filter(|id| mode(id).is_some() && own(id)).collect()
            }
            Verb::Fmt => {
                let wanted = |id: &StepId| mode(id).is_some() && own(id);
                let mut all: Vec<StepId> = self.graph.node_indices().filter(wanted).collect();
                // One step for each file, whatever order the graph has: this machine's before others'.
                all.sort_by_key(|id| {
                    let step = &self.graph[*id];
                    let is_foreign = match &step.platform {
                        Platform::Host => false,
                        Platform::Target(triple) => self.host.as_ref() != Some(triple),
                    };
                    (is_foreign, step.name.clone(), step.platform.clone())
                });
                let mut roots = BTreeSet::new();
                all.retain(|id| {
                    let step = &self.graph[*id];
                    let root = step.compile().map(|compile| compile.target.root.clone());
                    roots.insert((step.package.clone(), root))
                });
                all
            }
            Verb::Doc => {
                let all = self.graph.node_indices();
                all.filter(|id| mode(id) == Some(Mode::Doc)).collect()
            }
        }
    }

    /// The steps of each platform, by name.
    #[must_use]
    pub fn groups(&self) -> BTreeMap<Platform, Vec<StepId>> {
        let mut groups: BTreeMap<Platform, Vec<StepId>> = BTreeMap::new();
        for id in self.graph.node_indices() {
            groups.entry(self.graph[id].platform.clone()).or_default().push(id);
        }
        for steps in groups.values_mut() {
            steps.sort_by(|a, b| self.graph[*a].name.cmp(&self.graph[*b].name));
        }
        groups
    }
}
