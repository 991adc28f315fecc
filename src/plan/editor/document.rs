//! rust-project.json (<https://rust-analyzer.github.io/book/non_cargo_based_projects.html>).

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use rbn_builder::crates::Notes;
use rbn_builder::environment;
use rbn_builder::step::Step as Facts;
use serde_json::{Value, json};

use super::cfgs;
use super::crates::{Crate, crates, run_of};
use super::here::Here;
use super::places::PlacesOf;
use crate::cargo::paths::normal;
use crate::model::{BuildTarget, CrateType, Package, Plan, StepId, TargetKind};
use crate::plan::facts;

/// What of a package from elsewhere an editor need not look at.
const ASIDE: [&str; 5] = [".git", "target", "tests", "examples", "benches"];

/// The document.
#[must_use]
pub fn document(plan: &Plan, here: &Here) -> Value {
    let all = crates(plan, |key| here.package_dir(plan, key).is_some());
    let view = View::new(plan, here);
    let listed: Vec<Value> = all.iter().filter_map(|one| view.one(one)).collect();
    let mut document = json!({ "crates": listed, "runnables": runnables(here) });
    for (key, path) in [("sysroot", &here.sysroot), ("sysroot_src", &here.sysroot_src)] {
        if let Some(path) = path {
            document[key] = path.as_str().into();
        }
    }
    document
}

/// What an editor may start for a crate, by its label.
fn runnables(here: &Here) -> Value {
    let words = ["build", "--no-link"].into_iter().chain(here.flags.iter().map(String::as_str));
    let words: Vec<&str> = words.chain(["{label}"]).collect();
    json!([{ "program": "rbn-plan", "args": words, "cwd": here.root.as_str(), "kind": "check" }])
}

/// A plan beside what is here.
struct View<'v> {
    plan: &'v Plan,
    here: &'v Here,
    places: PlacesOf,
    notes: Notes,
    steps: BTreeMap<String, Facts>,
}

impl<'v> View<'v> {
    fn new(plan: &'v Plan, here: &'v Here) -> Self {
        let ids = plan.graph.node_indices();
        let steps: BTreeMap<String, Facts> =
            ids.map(|id| (facts::output(plan.step(id)), facts::step(plan, id))).collect();
        let mut notes = facts::notes(&steps);
        // What was not run has no directory.
        notes.runs = here
            .runs
            .iter()
            .map(|(id, run)| (facts::output(plan.step(*id)), run.clone()))
            .filter(|(_, run)| !run.out_dir.is_empty())
            .collect();
        Self { plan, here, places: PlacesOf::new(plan, here), notes, steps }
    }

    fn one(&self, one: &Crate) -> Option<Value> {
        let (plan, id) = (self.plan, one.step);
        let step = plan.step(id);
        let target = &step.compile()?.target;
        let package = plan.package(id);
        let dir = self.here.package_dir(plan, &step.package)?;
        let root = normal(&dir.join(&target.root));
        let run = run_of(plan, id);
        let note = run.and_then(|run| self.here.runs.get(&run));
        let places = self.places.of(run);
        let deps: Vec<Value> =
            one.deps.iter().map(|(name, on)| json!({ "crate": on, "name": name })).collect();
        let host = plan.host.as_ref().map(ToString::to_string).unwrap_or_default();
        let is_host = step.platform.is_host();
        let mut value = json!({
            "display_name": target.crate_name(),
            "root_module": root,
            "edition": target.edition,
            "version": package.version.to_string(),
            "deps": deps,
            "cfg": cfgs::of(plan, id, note),
            "target": if is_host { host.as_str() } else { step.platform.group() },
            "env": self.environment(id, run),
            "is_workspace_member": package.source.is_local(),
            "is_proc_macro": target.kind == TargetKind::ProcMacro,
        });
        let out = run.filter(|_| note.is_some()).and_then(|run| self.here.outputs.get(&run));
        value["source"] = source(package, &dir, &root, out);
        if let Some(file) = self.here.macros.get(&id) {
            value["proc_macro_dylib_path"] = file.as_str().into();
        }
        if let Some(facts) = self.steps.get(&facts::output(step)) {
            let cwd = places.moved(&facts.working_directory().to_string_lossy());
            value["proc_macro_cwd"] = cwd.into();
        }
        if !package.about.repository.is_empty() {
            value["repository"] = package.about.repository.as_str().into();
        }
        if let Some(kind) = kind(target).filter(|_| package.source.is_local()) {
            value["build"] = json!({
                "label": format!("{}/{}", step.platform.group(), step.name),
                "build_file": dir.join("Cargo.toml"),
                "target_kind": kind,
            });
        }
        Some(value)
    }

    /// The environment of a step, with this machine's places.
    fn environment(&self, id: StepId, run: Option<StepId>) -> BTreeMap<String, String> {
        let Some(step) = self.steps.get(&facts::output(self.plan.step(id))) else {
            return BTreeMap::new();
        };
        let said = run.and_then(|run| self.here.runs.get(&run));
        let scripts = said.into_iter().flat_map(|run| run.directives.env.iter().cloned()).collect();
        let places = self.places.of(run);
        let all = environment::of(step, &self.notes, scripts).into_iter();
        all.map(|(name, value)| (name, places.moved(&value))).collect()
    }
}

/// rust-analyzer's word for what a target is; a build script is nothing that one would start.
fn kind(target: &BuildTarget) -> Option<&'static str> {
    match target.kind {
        TargetKind::Test | TargetKind::Bench => Some("test"),
        TargetKind::CustomBuild => None,
        _ if target.crate_types == [CrateType::Bin] => Some("bin"),
        _ => Some("lib"),
    }
}

/// The directories that an editor reads for a crate, and what in them it passes over.
fn source(package: &Package, dir: &Utf8Path, root: &Utf8Path, out: Option<&String>) -> Value {
    let mut include = vec![dir.to_owned()];
    let parent = root.parent().filter(|parent| !parent.starts_with(dir));
    include.extend(parent.map(Utf8Path::to_owned));
    include.extend(out.map(|out| Utf8PathBuf::from(format!("{out}/out"))));
    let aside = if package.source.is_local() { &ASIDE[..2] } else { &ASIDE[..] };
    let exclude: Vec<Utf8PathBuf> = aside.iter().map(|name| dir.join(name)).collect();
    json!({ "include_dirs": include, "exclude_dirs": exclude })
}
