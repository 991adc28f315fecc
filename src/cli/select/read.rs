//! Workspaces read and planned, as they were selected.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic as _;

use super::workspace_dir::{machine, workspace_root};
use super::{SelectArgs, cargo_notes};
use crate::cargo::{self, Machines, Selection, Shim, Workspace, file_lock};
use crate::cli::out;
use crate::config::{self, Build, Config, Environment, Origin, OverrideKind};
use crate::model::{Plan, Triple};
use crate::nix::System;
use crate::plan;
use crate::text::spelling;
use crate::text::words::wrap;
use crate::toolchain::pinned;

/// A workspace with its configuration.
pub struct Loaded {
    /// What was read of Cargo.
    pub workspace: Workspace,
    /// The effective configuration.
    pub config: Config,
}

impl SelectArgs {
    /// Reads the workspace and its configuration for one build machine: this one, or the first that
    /// is asked for; notices go to stderr.
    ///
    /// # Errors
    /// Whatever reading ran into.
    pub fn load(&self) -> miette::Result<Loaded> {
        let (mut workspaces, config) = self.read(false)?;
        Ok(Loaded { workspace: workspaces.remove(0), config })
    }

    /// Reads and plans for one build machine, as [`Self::load`]; overrides that match nothing are
    /// reported on stderr.
    ///
    /// # Errors
    /// Whatever reading or planning ran into.
    pub fn plan(&self) -> miette::Result<(Plan, Config)> {
        let (plan, loaded) = self.plan_of_workspace()?;
        Ok((plan, loaded.config))
    }

    /// As [`Self::plan`], with the workspace that was planned.
    ///
    /// # Errors
    /// Whatever reading or planning ran into.
    pub fn plan_of_workspace(&self) -> miette::Result<(Plan, Loaded)> {
        let (mut workspaces, config) = self.read(false)?;
        let plan = lower(&workspaces, &config)?.remove(0);
        Ok((plan, Loaded { workspace: workspaces.remove(0), config }))
    }

    /// Reads and plans for every build machine that is asked for.
    ///
    /// # Errors
    /// Whatever reading or planning ran into.
    pub fn plans(&self) -> miette::Result<(Vec<Plan>, Config)> {
        let (workspaces, config) = self.read(true)?;
        let mut plans = lower(&workspaces, &config)?;
        // Without git nobody knows what it would ignore: what the plan says of that, stays.
        for plan in plans.iter_mut().filter(|plan| plan.ignored.is_none()) {
            plan.ignored.clone_from(&self.ignored);
        }
        for checks in plans.iter_mut().filter_map(|plan| plan.checks.as_mut()) {
            checks.args.extend(self.check_args.iter().cloned());
        }
        Ok((plans, config))
    }

    /// The workspace on every machine that is asked for, or on one of them.
    pub(in crate::cli) fn read(&self, all: bool) -> miette::Result<(Vec<Workspace>, Config)> {
        let options = self.options()?;
        let rustc = options.compiler()?;
        let loaded = self.config(&options, &rustc)?;
        self.allows(&loaded.config)?;
        for place in options.untrusted.iter().flat_map(|untrusted| &untrusted.notes) {
            out::note(&format!("note: not trusted: {place}"));
        }
        for notice in &loaded.notices {
            out::note(&format!("note: {}: {}", notice.key, notice.message));
        }
        let root = workspace_root(&options);
        config::named_files(&root, self.file.as_deref(), &Environment::of_process())?;
        let (file, build) = (self.config_file(), &loaded.config.build);
        let given = self.given(&root, file.as_deref(), &machine(&rustc), build)?;
        let selection = Selection { given, ..self.selection(&loaded.config) };
        let mut hosts = hosts(&loaded.config.build.systems.value, &rustc.host)?;
        if !all {
            let own = hosts.iter().position(|host| *host == rustc.host).unwrap_or(0);
            hosts = vec![hosts.swap_remove(own)];
        }
        let program = std::env::current_exe().into_diagnostic()?;
        let shim = Utf8PathBuf::from_path_buf(program).ok();
        let shim = shim.map(|program| Shim::new(program, options.answers.clone()));
        let machines = Machines { hosts, shim };
        file_lock::for_package_cache(|| {
            out::note("note: another Cargo holds the package cache; waiting for it");
        });
        if let Some(note) =
            cargo::versions::Cargo::ask(&options.cargo, &options.dir, &options.answers)?.unproven()
        {
            out::note(&format!("note: {note}"));
        }
        let workspaces = cargo::load_on(&options, &rustc, selection, &machines)?;
        report_variables(&workspaces, &loaded.config.build);
        cargo_notes::report(&workspaces);
        // Of a tree that is not trusted it is said above.
        if options.untrusted.is_none() {
            cargo_notes::report_wrappers(&workspaces);
        }
        if let Some(workspace) = workspaces.first() {
            cargo_notes::unseen(workspace, &loaded.config);
        }
        Ok((workspaces, loaded.config))
    }
}

/// Says which variables of the environment take part: a plan is committed, they are not.
fn report_variables(workspaces: &[Workspace], build: &Build) {
    let origins = [&build.targets.origin, &build.systems.origin, &build.profile.origin];
    let ours = origins.into_iter().filter_map(|origin| match origin {
        Origin::Environment { variable } => Some(*variable),
        _ => None,
    });
    let cargos = workspaces.iter().flat_map(|workspace| &workspace.variables).map(String::as_str);
    let names: BTreeSet<&str> = ours.chain(cargos).collect();
    if !names.is_empty() {
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        out::note(&format!(
            "note: settings of the environment take part in this plan: {names} (for everyone: .cargo/config.toml)"
        ));
    }
}

/// The triples of build machines, each once, in the order of their names; `own` as rustc calls it.
fn hosts(systems: &[System], own: &Triple) -> miette::Result<Vec<Triple>> {
    let system = System::of_triple(own.as_str());
    let of = |asked: &System| match system {
        Some(system) if system == *asked => Ok(own.clone()),
        _ => Triple::new(asked.triple()).into_diagnostic(),
    };
    let systems: BTreeSet<&System> = systems.iter().collect();
    systems.into_iter().map(of).collect()
}

pub(in crate::cli) fn lower(
    workspaces: &[Workspace],
    config: &Config,
) -> miette::Result<Vec<Plan>> {
    let mut plans = Vec::new();
    let mut unused: Option<Vec<&config::Override>> = None;
    let pinned = match workspaces.first() {
        Some(workspace) => {
            let toolchain = &config.toolchain;
            let flake = workspace.root.join(config.nix.root.value.as_path());
            pinned::load(&toolchain.value, &toolchain.origin, &flake)?
        }
        None => pinned::Pinned::default(),
    };
    if let Some(warning) = &pinned.warning {
        out::note(&format!("warning: {warning}"));
    }
    for workspace in workspaces {
        let mut plan = plan::lower(workspace)?;
        if plan.checks.as_ref().is_some_and(|checks| checks.verb.action() == "test") {
            plan::partitions::known(&workspace.metadata, &config.checks)?;
        }
        let here = plan::configure(&mut plan, config);
        // One that matches on any machine is of use.
        unused = Some(match unused {
            None => here,
            Some(before) => {
                let too = |one: &&config::Override| here.iter().any(|h| std::ptr::eq(*h, *one));
                before.into_iter().filter(too).collect()
            }
        });
        plan.toolchain = pinned.pin.clone();
        plans.push(plan);
    }
    if plans.first().is_some_and(|plan| plan.roots.is_empty()) {
        out::note(
            "warning: there is nothing to build in this selection: no target, or only such that want other features (`required-features`)",
        );
    }
    for collision in plans.first().map(plan::collisions).unwrap_or_default() {
        out::note(&format!("warning: {collision}"));
    }
    let is_elsewhere = |one: &&config::Override| {
        workspaces.first().is_some_and(|workspace| is_elsewhere(one, workspace, &plans))
    };
    for unused in unused.unwrap_or_default().into_iter().filter(|one| !is_elsewhere(one)) {
        out::note(&wrap("", &format!("warning: {}", no_step(unused, &plans)), 2));
    }
    Ok(plans)
}

/// Whether an override that is for no step here is for a step of another selection: Cargo knows the package, and flags
/// chose some of what there is, or it is for tests, benchmarks and examples alone.
fn is_elsewhere(one: &config::Override, workspace: &Workspace, plans: &[Plan]) -> bool {
    let is_check = |kind: &OverrideKind| {
        matches!(kind, OverrideKind::Test | OverrideKind::Bench | OverrideKind::Example)
    };
    let kinds = &one.kinds.value;
    let is_of_checks = !kinds.is_empty() && kinds.iter().all(is_check);
    // A profile, or more than there is by default, leaves nothing out.
    let is_wide = |flag: &String| {
        flag.starts_with("--profile")
            || matches!(
                flag.as_str(),
                "--release" | "--workspace" | "--all-targets" | "--all-features"
            )
    };
    let is_narrow = plans.first().is_some_and(|plan| !plan.selection.iter().all(is_wide));
    let is_known = workspace.metadata.packages.iter().any(|package| {
        let version = one.version.as_ref();
        package.name == one.package.as_str()
            && version.is_none_or(|wanted| wanted.value.matches(&package.version))
    });
    is_known && (is_of_checks || is_narrow)
}

/// What is said of an override that is for no step; `plans` have the names that there are.
fn no_step(one: &config::Override, plans: &[Plan]) -> String {
    let words = format!("{} matches no step: [override.{}]", one.origin, one.package);
    let packages = plans.iter().flat_map(|plan| plan.packages.values());
    let names: BTreeSet<&str> = packages.map(|package| package.name.as_str()).collect();
    if names.contains(one.package.as_str()) {
        // Its version or its kinds fit none.
        return words;
    }
    match spelling::nearest(one.package.as_str(), names.into_iter()) {
        Some(name) => format!("{words}; did you mean [override.{name}]?"),
        None => format!("{words}: the plan has no such package"),
    }
}
