//! What the planner has in memory and what Nix evaluates `steps.nix` to are the same facts, in the words
//! of the builder that gets them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use camino::Utf8Path;
use rbn_builder::step::Step;
use rbn_plan::cargo::probe_cache::Answers;
use rbn_plan::cargo::selection::{Command, Selection};
use rbn_plan::cargo::{Options, load};
use rbn_plan::model::{Plan, Split, Triple};
use rbn_plan::plan::{facts, lower};
use rbn_plan::verify::evaluation::{PROGRAM, evaluate};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/workspaces")
}

/// A user's Cargo and rustc, started in `dir`.
pub fn options(dir: &Path) -> Options {
    Options {
        dir: Utf8Path::from_path(dir).expect("a UTF-8 path").to_owned(),
        manifest_path: None,
        cargo: "cargo".to_owned(),
        rustc: "rustc".to_owned(),
        answers: Answers::default(),
        untrusted: None,
        root: None,
    }
}

/// Plans without touching the fixture: nothing is compiled, but Cargo may want a target directory.
pub fn plan(fixture: &str, selection: Selection) -> Plan {
    let copy = tempfile::tempdir().expect("a temporary folder");
    let copied = Process::new("cp")
        .arg("-a")
        .arg(fixtures().join(fixture).join("."))
        .arg(copy.path())
        .status()
        .expect("cp starts");
    assert!(copied.success(), "{fixture} is copied");
    let below = std::fs::read_to_string(copy.path().join("directory")).unwrap_or_default();
    let dir = copy.path().join(below.trim());
    let options = options(&dir);
    let workspace = load(&options, options.compiler().expect("rustc answers"), selection)
        .unwrap_or_else(|error| panic!("{fixture}: {error:?}"));
    lower(&workspace).unwrap_or_else(|error| panic!("{fixture}: {error:?}"))
}

pub fn everything(profile: &str) -> Selection {
    let targets = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];
    Selection {
        profile: profile.to_owned(),
        workspace: true,
        build_targets: vec!["--all-targets".to_owned()],
        resolve_flags: vec!["--offline".to_owned()],
        targets: targets.map(|triple| Triple::new(triple).expect("a triple")).to_vec(),
        ..Selection::default()
    }
}

/// What differs between a plan and what Nix makes of it: a paragraph for each step.
pub fn differences(plan: &Plan, nix: &BTreeMap<String, Step>) -> String {
    let mut found = String::new();
    let ids: Vec<_> = plan.graph.node_indices().collect();
    let own: BTreeMap<String, Step> = ids
        .iter()
        .map(|id| (facts::output(plan.step(*id)), comparable(facts::step(plan, *id))))
        .collect();
    let nix: BTreeMap<String, Step> =
        nix.iter().map(|(name, step)| (name.clone(), comparable(step.clone()))).collect();
    for name in own.keys().chain(nix.keys()).collect::<BTreeSet<_>>() {
        match (own.get(name), nix.get(name)) {
            (Some(memory), Some(nix)) if memory == nix => {}
            (memory, nix) => {
                let _ = writeln!(found, "{name}:\n  memory {memory:#?}\n  nix {nix:#?}");
            }
        }
    }
    let notes = facts::notes(&nix);
    for id in ids.into_iter().filter(|id| plan.step(*id).compile().is_some()) {
        let output = facts::output(plan.step(id));
        let builders = notes.crates.get(&output).map(|note| note.id.as_str());
        if builders != Some(plan.step(id).id.as_str()) {
            let _ = writeln!(found, "{output}: another identity");
        }
    }
    found
}

/// Where files are is no fact of the planner's.
fn comparable(mut step: Step) -> Step {
    step.sources.clear();
    step
}

fn nix_is_here() -> bool {
    Process::new(PROGRAM).arg("--version").output().is_ok()
}

/// `every`: 1 asks of all fixtures, 4 of each fourth; with `RBN_FULL` all are asked of.
fn check(every: usize, selection: impl Fn() -> Selection) {
    let every = if std::env::var_os("RBN_FULL").is_some() { 1 } else { every };
    assert!(nix_is_here(), "there is no {PROGRAM}; ./tests/run.sh installs it");
    let mut names: Vec<String> = std::fs::read_dir(fixtures())
        .expect("the fixtures are there")
        .map(|entry| entry.expect("a readable entry"))
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .map(|entry| entry.file_name().into_string().expect("a Unicode name"))
        .collect();
    names.sort();
    assert!(names.len() > 40, "only {} fixtures", names.len());
    let mut found = String::new();
    for name in names.into_iter().step_by(every) {
        let plan = plan(&name, selection());
        let nix = evaluate(&plan, Split::Off).unwrap_or_else(|error| panic!("{name}: {error}"));
        let nix = nix.expect("nix is here");
        for line in differences(&plan, &nix).lines() {
            let _ = writeln!(found, "{name}: {line}");
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

#[test]
fn release_builds() {
    check(1, || everything("release"));
}

#[test]
fn debug_checks() {
    check(4, || Selection { command: Command::Check, ..everything("dev") });
}
