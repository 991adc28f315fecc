//! Units become steps.
//!
//! Unit graphs of several targets are lowered one after the other into one plan: a host unit that
//! they share becomes one step. Two units that Cargo keeps apart stay apart; where their names
//! would be equal, a few digits of their identity tell them apart.

use std::collections::{BTreeMap, BTreeSet};

use super::args;
use super::check_modes;
use super::error::PlanError;
use super::identity::{self, Facts};
use super::linkers;
use super::lto::{self, LtoUnit};
use super::names;
use super::packages::{self, Packages};
use super::places;
use crate::input::cargo::Workspace;
use crate::input::cargo::unit_graph::{Unit, UnitGraph, UnitMode};
use crate::model::plan::PlatformFacts;
use crate::model::step::{Additions, Compile, LinksOverride, ProfileRoot, RunScript, UnitLto};
use crate::model::{
    BuildTarget, Edge, Mode, Package, Plan, Platform, Profile, Step, StepId, StepKind, StepName,
    TargetKind, Triple,
};

/// Plans everything that `workspace` selects, on its build machine.
///
/// # Errors
/// [`PlanError`] for what no step can express: it names the unit and what to do.
pub fn lower(workspace: &Workspace) -> Result<Plan, PlanError> {
    let packages = packages::collect(workspace)?;
    let mut lowering = Lowering {
        workspace,
        plan: Plan {
            packages: packages.facts.clone(),
            targets: workspace.selection.targets.clone(),
            host: Some(workspace.rustc.host.clone()),
            platforms: platforms(workspace, packages.root_depth),
            env: env_table(workspace, packages.root_depth),
            selection: workspace.selection.meaning(),
            root_depth: packages.root_depth,
            ..Plan::default()
        },
        packages,
        known: BTreeMap::new(),
    };
    for (triple, graph) in &workspace.graphs {
        lowering.graph(triple, graph)?;
    }
    let mut plan = lowering.plan;
    names::tell_apart(&mut plan);
    let used: BTreeSet<_> = plan.graph.node_weights().map(|step| step.package.clone()).collect();
    plan.packages.retain(|key, _| used.contains(key));
    linkers::ship(&mut plan);
    Ok(plan)
}

fn platforms(workspace: &Workspace, depth: usize) -> BTreeMap<Platform, PlatformFacts> {
    let settings = &workspace.settings;
    let facts = |(platform, probe): (&Platform, &crate::input::cargo::probe::PlatformProbe)| {
        let (rustflags, linker) = match platform {
            Platform::Host => (Vec::new(), settings.host_linker.clone()),
            Platform::Target(triple) => (
                settings.rustflags.get(triple).cloned().unwrap_or_default(),
                settings.linkers.get(triple).cloned(),
            ),
        };
        let rustflags = rustflags.iter().map(|flag| without_root(workspace, depth, flag)).collect();
        let linker = linker.map(|linker| without_root(workspace, depth, &linker));
        (
            platform.clone(),
            PlatformFacts {
                rustflags,
                linker,
                runner: Vec::new(),
                files: probe.files.clone(),
                cfg_env: probe.cfg_env(),
            },
        )
    };
    workspace.probes.iter().map(facts).collect()
}

/// `text` with the workspace's place in the sandbox for its path on this machine.
fn without_root(workspace: &Workspace, depth: usize, text: &str) -> String {
    text.replace(workspace.root.as_str(), places::workspace(depth).as_str())
}

fn env_table(workspace: &Workspace, depth: usize) -> BTreeMap<String, String> {
    let entries = workspace.settings.env.iter();
    entries.map(|(name, value)| (name.clone(), without_root(workspace, depth, value))).collect()
}

struct Lowering<'a> {
    workspace: &'a Workspace,
    packages: Packages<'a>,
    plan: Plan,
    /// Steps by platform, untold name and identity.
    known: BTreeMap<(Platform, String, String), StepId>,
}

impl Lowering<'_> {
    fn graph(&mut self, triple: &Triple, graph: &UnitGraph) -> Result<(), PlanError> {
        let profiles =
            graph.units.iter().map(|unit| self.profile(unit)).collect::<Result<Vec<_>, _>>()?;
        let lto_units: Vec<_> = graph
            .units
            .iter()
            .zip(&profiles)
            .map(|(unit, profile)| LtoUnit {
                crate_types: &unit.target.crate_types,
                for_host: matches!(
                    unit.kind(),
                    Ok(TargetKind::ProcMacro | TargetKind::CustomBuild)
                ),
                profile,
            })
            .collect();
        let mut lto = lto::assign(graph, &lto_units);
        let primary: Vec<&str> =
            graph.roots.iter().map(|root| graph.units[*root].pkg_id.as_str()).collect();

        let with_tests =
            check_modes::with_tests(graph, &self.workspace.selection).map_err(|unit| {
                let reason =
                    "three of its units were asked for, and Cargo does not say which has tests";
                refuse(&graph.units[unit.0], reason.to_owned(), None)
            })?;
        let mut steps: BTreeMap<usize, StepId> = BTreeMap::new();
        for index in dependencies_first(graph)? {
            let unit = &graph.units[index];
            let part = lto.remove(&index).unwrap_or(UnitLto::OnlyObject);
            let primary = primary.contains(&unit.pkg_id.as_str());
            let tests = with_tests.contains(&index);
            let id =
                self.unit(triple, graph, index, tests, &profiles[index], part, primary, &steps)?;
            steps.insert(index, id);
        }
        for root in &graph.roots {
            let id = steps[root];
            if !self.plan.roots.contains(&id) {
                self.plan.roots.push(id);
            }
        }
        Ok(())
    }

    fn profile(&self, unit: &Unit) -> Result<Profile, PlanError> {
        let mut profile = unit.profile.parse().map_err(|reason| refuse(unit, reason, None))?;
        let platform = platform(unit).map_err(|reason| refuse(unit, reason, None))?;
        let probe = self.workspace.probes.get(&platform);
        // Cargo passes split-debuginfo only where rustc says that the platform supports it.
        profile.split_debuginfo = profile
            .split_debuginfo
            .filter(|value| probe.is_some_and(|probe| probe.split_debuginfo.contains(value)));
        Ok(profile)
    }

    #[expect(clippy::too_many_arguments, reason = "one call; each is a fact of the unit")]
    fn unit(
        &mut self,
        triple: &Triple,
        graph: &UnitGraph,
        index: usize,
        tests: bool,
        profile: &Profile,
        lto: UnitLto,
        primary: bool,
        steps: &BTreeMap<usize, StepId>,
    ) -> Result<StepId, PlanError> {
        let unit = &graph.units[index];
        if unit.is_std {
            return Err(refuse(
                unit,
                "it belongs to a standard library that Cargo builds itself (-Zbuild-std)"
                    .to_owned(),
                Some("drop -Zbuild-std; a toolchain that has the target's std does the same"),
            ));
        }
        let platform = platform(unit).map_err(|reason| refuse(unit, reason, None))?;
        if let Platform::Target(found) = &platform
            && found != triple
        {
            return Err(refuse(unit, format!("it is for {found}, not for {triple}"), None));
        }
        let key = self.packages.keys[unit.pkg_id.as_str()].clone();
        let package = self.plan.packages[&key].clone();
        let edges = self.edges(graph, index, steps);
        let (kind, suffix) = if unit.mode == UnitMode::RunCustomBuild {
            (StepKind::RunScript(self.run(&platform, &package, profile)), names::RUN.to_owned())
        } else {
            let mode = mode(unit, tests)?;
            let target = self.build_target(unit)?;
            if mode == Mode::Build && self.plan.has_no_file(&platform, &target) {
                let kinds: Vec<&str> = target.crate_types.iter().map(|k| k.as_str()).collect();
                let reason = format!("{platform} has no {}", kinds.join(" and no "));
                let help =
                    "leave the package out for this target, or add \"lib\" to its crate-type";
                return Err(refuse(unit, reason, Some(help)));
            }
            let suffix = names::compile_suffix(&target, mode);
            (StepKind::Compile(Compile { target, mode, lto, primary }), suffix)
        };
        let linked: Vec<String> = edges
            .iter()
            .filter(|(edge, _)| matches!(edge, Edge::Extern { .. } | Edge::Unlinkable))
            .map(|(_, id)| self.plan.graph[*id].id.clone())
            .collect();
        let identity = identity::of(&Facts {
            name: &package.name,
            version: &package.version.to_string(),
            source: &package.source.identity(),
            suffix: &suffix,
            platform: platform.group(),
            features: &unit.features,
            profile: &args::profile(profile),
            dependencies: &linked,
        });
        let name = names::step(&key, &suffix);
        let known = (platform.clone(), name.clone(), identity.clone());
        if let Some(id) = self.known.get(&known) {
            return Ok(*id);
        }
        let id = self.plan.graph.add_node(Step {
            name: StepName::new(name),
            platform,
            package: key,
            features: unit.features.clone(),
            profile: profile.clone(),
            kind,
            id: identity,
            additions: Additions::default(),
        });
        self.known.insert(known, id);
        for (edge, dependency) in edges {
            self.plan.graph.add_edge(id, dependency, edge);
        }
        Ok(id)
    }

    /// What the unit takes from others, in Cargo's order.
    fn edges(
        &self,
        graph: &UnitGraph,
        index: usize,
        steps: &BTreeMap<usize, StepId>,
    ) -> Vec<(Edge, StepId)> {
        let unit = &graph.units[index];
        let is_run = unit.mode == UnitMode::RunCustomBuild;
        let mut edges = Vec::new();
        for dependency in &unit.dependencies {
            let on = &graph.units[dependency.index];
            let id = steps[&dependency.index];
            let edge = if on.mode == UnitMode::RunCustomBuild {
                if is_run {
                    let package = self.packages.raw[on.pkg_id.as_str()];
                    let Some(links) = package.links.clone() else { continue };
                    Edge::Links { links }
                } else {
                    Edge::ScriptOutput
                }
            } else if is_run {
                Edge::ScriptProgram
            } else if matches!(on.kind(), Ok(TargetKind::Bin)) {
                Edge::BinExe { name: on.target.name.clone() }
            } else if on.target.crate_types.iter().any(|kind| kind.is_linkable()) {
                Edge::Extern { name: dependency.extern_crate_name.clone() }
            } else {
                Edge::Unlinkable
            };
            edges.push((edge, id));
        }
        edges
    }

    fn run(&self, platform: &Platform, package: &Package, profile: &Profile) -> RunScript {
        let triple = match platform {
            Platform::Host => &self.workspace.rustc.host,
            Platform::Target(triple) => triple,
        };
        let tables = self.workspace.settings.links.get(triple);
        let lines = package.links.as_ref().and_then(|links| tables?.get(links)).cloned();
        RunScript {
            replaced: lines.map(|lines| LinksOverride { lines }),
            profile_root: self.profile_root(&profile.name),
        }
    }

    /// `PROFILE`: the built-in profile at the end of the chain of `inherits`.
    fn profile_root(&self, name: &str) -> ProfileRoot {
        let mut name = name;
        // A cycle is Cargo's to refuse; a bound keeps a broken answer from hanging us.
        for _ in 0..64 {
            match name {
                "release" | "bench" => return ProfileRoot::Release,
                "dev" | "test" => return ProfileRoot::Debug,
                _ => {}
            }
            match self.workspace.inherits.get(name) {
                Some(parent) => name = parent,
                None => break,
            }
        }
        ProfileRoot::Debug
    }

    fn build_target(&self, unit: &Unit) -> Result<BuildTarget, PlanError> {
        let raw = self.packages.raw[unit.pkg_id.as_str()];
        let dir = raw.manifest_path.parent().unwrap_or(&raw.manifest_path);
        let kind = unit.kind().map_err(|error| refuse(unit, error.to_string(), None))?;
        let source = camino::Utf8Path::new(&unit.target.src_path);
        let facts = self.workspace.manifests.get(&raw.manifest_path);
        let manifest = facts.and_then(|facts| facts.manifest.as_ref());
        Ok(BuildTarget {
            kind,
            crate_types: unit.target.crate_types.clone(),
            name: unit.target.name.clone(),
            root: crate::input::cargo::files::relative(dir, source),
            edition: unit.target.edition.clone(),
            harness: manifest.is_none_or(|manifest| manifest.harness(kind, &unit.target.name)),
        })
    }
}

fn refuse(unit: &Unit, reason: String, help: Option<&str>) -> PlanError {
    PlanError::Unit { unit: unit.describe(), reason, help: help.map(str::to_owned) }
}

fn platform(unit: &Unit) -> Result<Platform, String> {
    match &unit.platform {
        None => Ok(Platform::Host),
        Some(triple) => {
            Triple::new(triple.clone()).map(Platform::Target).map_err(|error| error.to_string())
        }
    }
}

fn mode(unit: &Unit, tests: bool) -> Result<Mode, PlanError> {
    match unit.mode {
        UnitMode::Check if tests => Ok(Mode::CheckTest),
        UnitMode::Build => Ok(Mode::Build),
        UnitMode::Test => Ok(Mode::Test),
        UnitMode::Check => Ok(Mode::Check),
        UnitMode::RunCustomBuild | UnitMode::Doc | UnitMode::Doctest | UnitMode::Docscrape => {
            Err(refuse(
                unit,
                format!("its mode {:?} is not planned yet", unit.mode),
                Some("plan `build` or `check` units"),
            ))
        }
    }
}

/// The units in an order in which each follows what it needs.
fn dependencies_first(graph: &UnitGraph) -> Result<Vec<usize>, PlanError> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut states = vec![State::New; graph.units.len()];
    let mut order = Vec::with_capacity(graph.units.len());
    for start in 0..graph.units.len() {
        let mut stack = vec![(start, 0)];
        while let Some((index, next)) = stack.pop() {
            if next == 0 {
                match states[index] {
                    State::Done => continue,
                    State::Open => {
                        return Err(PlanError::Cycle(graph.units[index].describe()));
                    }
                    State::New => states[index] = State::Open,
                }
            }
            match graph.units[index].dependencies.get(next) {
                Some(dependency) => {
                    stack.push((index, next + 1));
                    if states[dependency.index] != State::Done {
                        stack.push((dependency.index, 0));
                    }
                }
                None => {
                    states[index] = State::Done;
                    order.push(index);
                }
            }
        }
    }
    Ok(order)
}
