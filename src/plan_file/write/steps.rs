//! The facts of steps, as a plan's file states them.

use std::collections::BTreeMap;

use super::profiles::ProfileNames;
use super::sections::StepFacts;
use crate::model::additions::Value;
use crate::model::{Edge, Mode, PackageKey, Plan, StepId, StepKind, TargetKind};
use crate::nix::escape;
use crate::nix::fields::Fields;
use crate::plan::externs::{absent_bins, externs};

pub(super) fn step_facts(
    plan: &Plan,
    id: StepId,
    names: &ProfileNames,
    usual: &str,
    editions: &BTreeMap<&PackageKey, &str>,
) -> StepFacts {
    let step = plan.step(id);
    let package = plan.package(id);
    let mut fields = Fields::default();
    if step.name.as_str().contains('~') {
        fields.text("package", step.package.as_str());
    }
    let (open, close) = match &step.kind {
        StepKind::Compile(compile) => {
            let target = &compile.target;
            let named = matches!(target.kind, TargetKind::Lib | TargetKind::ProcMacro);
            // Of a library's name only the crate's name counts, which has no dashes.
            if named && target.crate_name() != package.name.replace('-', "_") {
                fields.text("target", &target.name);
            }
            if target.kind == TargetKind::CustomBuild && target.name != "build-script-build" {
                fields.text("target", &target.name);
            }
            if target.root != target.kind.usual_root() {
                fields.text("root", target.root.as_str());
            }
            if editions.get(&step.package) != Some(&target.edition.as_str()) {
                fields.text("edition", &target.edition);
            }
            if target.crate_types != [target.kind.usual_type()] {
                fields.list("crateTypes", target.crate_types.iter().map(|kind| kind.as_str()));
            }
            if !target.harness && compile.mode.is_test() {
                fields.bare("harness", false);
            }
            fields.yes("primary", compile.primary);
            fields.some_text("lto", &compile.lto.word());
            constructor(target.kind, &target.name, compile.mode)
        }
        StepKind::RunScript(_) => ("run ".to_owned(), ""),
    };
    let profile = names.name(step);
    if profile != usual {
        fields.text("profile", profile);
    }
    fields.set("features", &step.features);
    edges(plan, id, &mut fields);
    if let Some(replaced) = step.run().and_then(|run| run.replaced.as_ref()) {
        fields.list("replaced", &replaced.lines);
    }
    for part in step.additions.parts() {
        match part.value {
            Value::List(list) => fields.list(part.fact, list),
            Value::Table(table) => fields.attrs(part.fact, table),
            Value::Flag(flag) => fields.yes(part.fact, *flag),
        }
    }
    StepFacts { name: step.name.to_string(), open, close, fields }
}

fn constructor(kind: TargetKind, name: &str, mode: Mode) -> (String, &'static str) {
    let name = escape::string(name);
    let test = mode.is_test() && mode != Mode::Doctest;
    let plain = match kind {
        TargetKind::Lib if test => "libTest ".to_owned(),
        TargetKind::Lib => "lib ".to_owned(),
        TargetKind::ProcMacro if test => "procMacroTest ".to_owned(),
        TargetKind::ProcMacro => "procMacro ".to_owned(),
        TargetKind::Bin if test => format!("binTest {name} "),
        TargetKind::Bin => format!("bin {name} "),
        TargetKind::Example if test => format!("exampleTest {name} "),
        TargetKind::Example => format!("example {name} "),
        TargetKind::Test => format!("test {name} "),
        TargetKind::Bench => format!("bench {name} "),
        TargetKind::CustomBuild => "buildScript ".to_owned(),
    };
    let around = match mode {
        Mode::Build | Mode::Test => return (plain, ""),
        Mode::Check | Mode::CheckTest => "check",
        Mode::Doctest => "doctest",
        Mode::Doc => "doc",
    };
    (format!("{around} ({plain}"), ")")
}

fn edges(plan: &Plan, id: StepId, fields: &mut Fields) {
    let step = plan.step(id);
    let mut deps = BTreeMap::new();
    let mut macros = BTreeMap::new();
    for (name, on) in externs(plan, id) {
        let dependency = plan.step(on);
        let table = if dependency.platform == step.platform { &mut deps } else { &mut macros };
        table.insert(name, dependency.name.as_str());
    }
    let mut needs = Vec::new();
    let mut links = BTreeMap::new();
    let mut bins = BTreeMap::new();
    for (edge, on) in plan.dependencies(id) {
        let name = plan.step(on).name.as_str();
        match edge {
            Edge::Extern { .. } => {}
            Edge::Unlinkable => needs.push(name),
            Edge::ScriptOutput => fields.text("script", name),
            Edge::ScriptProgram => fields.text("program", name),
            Edge::Links { links: key } => {
                links.insert(key.as_str(), name);
            }
            Edge::BinExe { name: bin } => {
                bins.insert(bin.as_str(), name);
            }
        }
    }
    fields.attrs("deps", &deps);
    fields.attrs("macros", &macros);
    fields.list("needs", &needs);
    fields.attrs("links", &links);
    fields.attrs("bins", &bins);
    fields.list("absentBins", absent_bins(plan, id));
}
