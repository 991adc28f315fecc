//! A plan as an editor sees it: what stands in rust-project.json, for rust-analyzer.
//!
//! Steps see files at fixed places in the sandbox, an editor sees the tree and the store. So what the builder
//! says of a step (its environment, its crate's name) is said here again, with the places of this machine.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use rbn_builder::note;

use crate::model::{Edge, Mode, PackageKey, Plan, Source, StepId, TargetKind};

mod cfgs;
mod crates;
mod document;
mod places;

pub use document::document;

/// What there is on this machine.
#[derive(Debug, Default)]
pub struct Here {
    /// The workspace root.
    pub root: Utf8PathBuf,
    /// Outputs of steps, whether they were built or not.
    pub outputs: BTreeMap<StepId, String>,
    /// The files of procedural macros that were built.
    pub macros: BTreeMap<StepId, String>,
    /// What build scripts that were run told.
    pub runs: BTreeMap<StepId, note::Run>,
    /// Where the sources of packages lie that are not in the tree: of a git package the repository's.
    pub sources: BTreeMap<PackageKey, Utf8PathBuf>,
    /// Where the compiler keeps its libraries.
    pub sysroot: Option<Utf8PathBuf>,
    /// The sources of its standard library.
    pub sysroot_src: Option<Utf8PathBuf>,
    /// Flags with which `rbn-plan build` plans the same steps.
    pub flags: Vec<String>,
}

impl Here {
    /// A package's directory; nothing where its source is not here.
    fn package_dir(&self, plan: &Plan, key: &PackageKey) -> Option<Utf8PathBuf> {
        let package = plan.packages.get(key)?;
        Some(places::normal(&match &package.source {
            Source::Path { dir } | Source::Vendor { dir } => self.root.join(dir),
            Source::Registry { .. } => self.sources.get(key)?.clone(),
            Source::Git { subdir, .. } => self.sources.get(key)?.join(subdir),
        }))
    }
}

/// Whether an editor looks at a step: it is the build machine's, or of the first target.
fn is_seen(plan: &Plan, id: StepId) -> bool {
    let platform = &plan.step(id).platform;
    platform.is_host() || plan.targets.first().is_some_and(|t| t.as_str() == platform.group())
}

/// The steps that must be built for an editor: procedural macros and runs of build scripts, one for each crate.
#[must_use]
pub fn wanted(plan: &Plan) -> Vec<StepId> {
    let mut wanted = Vec::new();
    for one in crates::crates(plan, |_| true) {
        wanted.extend(run_of(plan, one.step));
        let compile = plan.step(one.step).compile();
        let is_macro = compile.is_some_and(|compile| {
            compile.target.kind == TargetKind::ProcMacro && compile.mode == Mode::Build
        });
        wanted.extend(is_macro.then_some(one.step));
    }
    let place = |id: &StepId| (&plan.step(*id).platform, &plan.step(*id).name);
    wanted.sort_by(|a, b| place(a).cmp(&place(b)));
    wanted.dedup();
    wanted
}

/// The run of a crate's build script.
fn run_of(plan: &Plan, id: StepId) -> Option<StepId> {
    let mut below = plan.dependencies(id);
    below.find(|(edge, _)| **edge == Edge::ScriptOutput).map(|(_, on)| on)
}

/// For each package that is not in the tree, a step that sees all of its source.
#[must_use]
pub fn foreign(plan: &Plan) -> BTreeMap<PackageKey, StepId> {
    let mut found = BTreeMap::new();
    for id in plan.groups().into_values().flatten().filter(|id| is_seen(plan, *id)) {
        let source = &plan.package(id).source;
        if matches!(source, Source::Registry { .. } | Source::Git { .. }) {
            found.entry(plan.step(id).package.clone()).or_insert(id);
        }
    }
    found
}

/// The name of a procedural macro's file below its step's output.
#[must_use]
pub fn macro_file(plan: &Plan, id: StepId) -> Option<String> {
    let compile = plan.step(id).compile()?;
    let kind = *compile.target.crate_types.first()?;
    let name = format!("{}-{}", compile.target.crate_name(), plan.step(id).id);
    plan.file_name(id, kind, &name).map(|file| format!("lib/{file}"))
}
