//! Units become steps.
//!
//! Unit graphs of several targets are lowered one after the other into one plan: a host unit that
//! they share becomes one step. Two units that Cargo keeps apart stay apart; where their names
//! would be equal, a few digits of their identity tell them apart.

mod edges;
mod lowering;
mod order;
mod places;
mod platforms;
mod unit;
mod unsupported;

use std::collections::{BTreeMap, BTreeSet};

use super::check_modes;
use super::clashes;
use super::coverage;
use super::error::PlanError;
use super::identity;
use super::linkers;
use super::lto::{self, LtoUnit};
use super::names;
use super::packages;
use crate::cargo::Workspace;
use crate::cargo::selection::Command;
use crate::cargo::unit_graph::{UnitGraph, UnitMode};
use crate::model::additions::Additions;
use crate::model::step::{Compile, UnitLto};
use crate::model::{
    Checks, Edge, Mode, PackageKey, Plan, Platform, Profile, Step, StepId, StepKind, StepName,
    TargetKind, Triple, Verb,
};
use lowering::Lowering;
use order::dependencies_first;
use places::Places;
use platforms::{env_table, platforms};
use unit::{mode, platform, refuse};

/// Plans everything that `workspace` selects, on its build machine.
///
/// # Errors
/// [`PlanError`] for what no step can express: it names the unit and what to do.
pub fn lower(workspace: &Workspace) -> Result<Plan, PlanError> {
    for (_, graph) in &workspace.graphs {
        unsupported::refuse_units(workspace, graph)?;
    }
    let packages = packages::collect(workspace)?;
    let places = Places { workspace, depth: packages.root_depth };
    let mut lowering = Lowering {
        workspace,
        plan: Plan {
            packages: packages.facts.clone(),
            targets: workspace.selection.targets.clone(),
            host: Some(workspace.rustc.host.clone()),
            platforms: platforms(workspace, &places)?,
            env: env_table(workspace, &places)?,
            selection: workspace.selection.meaning(&workspace.root),
            flags: workspace.selection.flags(),
            checks: checks(workspace),
            root_depth: packages.root_depth,
            ignored: workspace.files.ignored.clone(),
            ..Plan::default()
        },
        packages,
        known: BTreeMap::new(),
    };
    for (triple, graph) in &workspace.graphs {
        lowering.graph(triple, graph)?;
    }
    let ids = &workspace.metadata.workspace_members;
    let own = ids.iter().filter_map(|id| lowering.packages.keys.get(id.as_str()).cloned());
    let own: BTreeSet<PackageKey> = own.collect();
    let mut plan = lowering.plan;
    names::tell_apart(&mut plan);
    let used: BTreeSet<_> = plan.graph.node_weights().map(|step| step.package.clone()).collect();
    plan.packages.retain(|key, _| used.contains(key));
    if let Some(verb) = plan.checks.as_ref().map(|checks| checks.verb).filter(|verb| verb.lints()) {
        let members = members(&plan, verb, &own);
        plan.checks.iter_mut().for_each(|checks| checks.members.clone_from(&members));
    }
    if plan.checks.as_ref().is_some_and(|checks| checks.verb == Verb::Coverage) {
        coverage::instrument(&mut plan, &own);
    }
    linkers::ship(&mut plan);
    clashes::refuse(&plan)?;
    Ok(plan)
}

/// The packages that clippy or rustfmt look at: of `own` those with code in the plan, and of rustfmt's those
/// that were asked for.
fn members(plan: &Plan, verb: Verb, own: &BTreeSet<PackageKey>) -> BTreeSet<PackageKey> {
    let asked: BTreeSet<&PackageKey> =
        plan.roots.iter().map(|id| &plan.step(*id).package).collect();
    let compiled = plan.graph.node_weights().filter(|step| step.compile().is_some());
    let is_wanted =
        |key: &&PackageKey| own.contains(*key) && (verb == Verb::Clippy || asked.contains(*key));
    compiled.map(|step| &step.package).filter(is_wanted).cloned().collect()
}

/// What Cargo's command does beside compiling.
fn checks(workspace: &Workspace) -> Option<Checks> {
    let verb = match workspace.selection.command {
        Command::Build | Command::Check => return None,
        Command::Test => Verb::Test,
        Command::Coverage => Verb::Coverage,
        Command::Bench => Verb::Bench,
        Command::Clippy => Verb::Clippy,
        Command::Doc => Verb::Doc,
        Command::Fmt => Verb::Fmt,
    };
    Some(Checks::new(verb, &workspace.selection.profile))
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
        let primary: BTreeSet<&str> =
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
            let primary = primary.contains(unit.pkg_id.as_str());
            let tests = with_tests.contains(&index);
            let id =
                self.unit(triple, graph, index, tests, &profiles[index], part, primary, &steps)?;
            steps.insert(index, id);
        }
        let mut known: BTreeSet<StepId> = self.plan.roots.iter().copied().collect();
        let roots = graph.roots.iter().map(|root| steps[root]);
        self.plan.roots.extend(roots.filter(|id| known.insert(*id)));
        Ok(())
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
            (StepKind::RunScript(self.run(&platform, &package, profile)?), names::RUN.to_owned())
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
        let group = platform.group();
        let identity = identity::of(&package, &suffix, group, &unit.features, profile, &linked);
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
}
