//! What `config.toml` adds to a plan: flags, variables, linkers and per-crate overrides.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use super::{partitions, sandbox_paths};
use crate::config::{self, Config, EnvValue, Override, OverrideKind, RelativePath};
use crate::model::package::RunView;
use crate::model::{Checks, PackageKey, Plan, Platform, Step, StepKind, TargetKind, Verb};
use crate::nix::System;

/// Applies `config` to `plan` and gives back the overrides that no step matched.
pub fn configure<'c>(plan: &mut Plan, config: &'c Config) -> Vec<&'c Override> {
    let root = sandbox_paths::workspace(plan.root_depth);
    let dir = config.nix.output.value.as_path().parent();
    plan.to_root = dir.map(|dir| dir.components().map(|_| "..").collect());
    let text = |value: &EnvValue| match value.relative {
        true => root.join(&value.value).to_string(),
        false => value.value.clone(),
    };
    for (name, value) in &config.env {
        // Cargo's own table stands, unless ours says that it wins.
        let name = name.to_string();
        if value.value.force || !plan.env.contains_key(&name) {
            plan.env.insert(name, text(&value.value));
        }
    }
    for (triple, tools) in &config.target {
        // A build machine's own tools too: its scripts ask for them by its name. What is set may
        // not depend on which machine this plan is for, because plans for several are one.
        if !plan.targets.contains(triple) && System::of_triple(triple.as_str()).is_none() {
            continue;
        }
        for (variable, program) in
            [("CC", &tools.cc), ("AR", &tools.ar), ("PKG_CONFIG", &tools.pkg_config)]
        {
            if let Some(program) = program {
                let name = format!("{variable}_{}", triple.env_lower());
                plan.env.insert(name, program.value.to_string());
            }
        }
    }
    let host = plan.host.clone();
    for (platform, facts) in &mut plan.platforms {
        // As Cargo does: what runs on the build machine is linked by its triple's linker.
        let triple = match platform {
            Platform::Host => host.as_ref(),
            Platform::Target(triple) => Some(triple),
        };
        let tools = triple.and_then(|triple| config.tools(triple));
        if let Some(linker) = tools.and_then(|tools| tools.linker.as_ref()) {
            facts.linker = Some(linker.value.to_string());
        }
        if platform.is_host() {
            continue;
        }
        facts.rustflags.extend(config.build.rustflags.value.iter().cloned());
        if let Some(tools) = tools {
            facts.rustflags.extend(tools.rustflags.value.iter().cloned());
            if let Some(runner) = &tools.runner {
                facts.runner.clone_from(&runner.value);
            }
        }
    }
    if let Some(checks) = &mut plan.checks {
        limit(checks, &config.checks);
    }
    partitions::cut(plan, &config.checks);
    let mut used = BTreeSet::new();
    let mut views: BTreeMap<PackageKey, BTreeSet<Utf8PathBuf>> = BTreeMap::new();
    for id in plan.graph.node_indices() {
        let step = &plan.graph[id];
        let package = &plan.packages[&step.package];
        let found: Vec<_> =
            config.overrides_for(&package.name, &package.version, kind(step)).collect();
        let of_lib = kind(step) == OverrideKind::Lib;
        let of_run = matches!(step.kind, StepKind::RunScript(_));
        let narrowed =
            found.iter().filter(|_| of_run).filter_map(|(_, one)| one.script_files.as_ref());
        let narrowed: Vec<&[RelativePath]> = narrowed.map(|set| set.value.as_slice()).collect();
        let key = step.package.clone();
        let additions = &mut plan.graph[id].additions;
        for (number, one) in found {
            used.insert(number);
            one.add_to(additions, &text);
            // Nothing else is split.
            additions.whole &= of_lib;
        }
        if !narrowed.is_empty() {
            let files = narrowed.into_iter().flatten().map(|path| path.as_path().to_owned());
            views.entry(key).or_default().extend(files);
        }
    }
    for (key, files) in views {
        if let Some(own) = plan.packages.get_mut(&key).and_then(|package| package.files.as_mut()) {
            own.run = RunView::Only(files.into_iter().collect());
            own.script_also.clear();
        }
    }
    let unused = |(number, _): &(usize, &Override)| !used.contains(number);
    config.overrides.iter().enumerate().filter(unused).map(|(_, one)| one).collect()
}

/// What config.toml says of checks.
fn limit(checks: &mut Checks, said: &config::Checks) {
    if let Some(skip) = &said.skip {
        checks.skip.clone_from(&skip.value);
    }
    if let Some(files) = &said.files {
        checks.files = files.value.iter().map(|path| path.as_path().to_owned()).collect();
    }
    checks.retries = said.retries.as_ref().map_or(0, |retries| retries.value);
    checks.timeout = said.timeout.as_ref().map(|timeout| timeout.value);
    let directory = said.llvm_tools.as_ref().filter(|_| checks.verb == Verb::Coverage);
    checks.llvm_tools = directory.map(|directory| directory.value.to_string());
    checks.output = said.output.as_ref().map(|output| output.value.bytes());
}

fn kind(step: &Step) -> OverrideKind {
    match &step.kind {
        StepKind::RunScript(_) => OverrideKind::Run,
        StepKind::Compile(compile) => match compile.target.kind {
            TargetKind::Lib => OverrideKind::Lib,
            TargetKind::ProcMacro => OverrideKind::ProcMacro,
            TargetKind::Bin => OverrideKind::Bin,
            TargetKind::Example => OverrideKind::Example,
            TargetKind::Test => OverrideKind::Test,
            TargetKind::Bench => OverrideKind::Bench,
            TargetKind::CustomBuild => OverrideKind::BuildScript,
        },
    }
}
