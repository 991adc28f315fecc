//! Plans of checks: stated and read back, the same for Nix, and no part of other plans.

use rbn_plan::cargo::selection::{Command, Selection};
use rbn_plan::model::{Mode, Plan, Platform, Split, Step, Verb};
use rbn_plan::plan::check_facts::{self, Checked, Checks};
use rbn_plan::plan::coverage::FLAG;
use rbn_plan::plan_file::read;
use rbn_plan::plan_file::write::nix::render;
use rbn_plan::verify::evaluation::{self, evaluate};

use crate::agree::{differences, everything, plan};

const FIXTURES: [&str; 4] =
    ["cargo-bin-exe", "harness-false", "macro-with-unit-tests", "root-package-with-members"];

fn planned(fixture: &str, command: Command, profile: &str) -> Plan {
    let all = everything(profile).build_targets;
    // Tests and documentation are chosen by Cargo itself, those in documentation with them.
    let build_targets = match command {
        Command::Test | Command::Doc => Vec::new(),
        _ => all,
    };
    plan(fixture, Selection { command, build_targets, ..everything(profile) })
}

/// Each test program in three parts.
fn in_parts(fixture: &str) -> Plan {
    let mut plan = planned(fixture, Command::Test, "test");
    let names = plan
        .checked()
        .into_iter()
        .filter(|id| plan.step(*id).compile().is_some_and(|compile| compile.mode == Mode::Test));
    let parts = names.map(|id| (plan.step(id).name.to_string(), 3)).collect();
    plan.checks.as_mut().unwrap().partitions = parts;
    plan
}

fn names(plan: &Plan) -> Vec<String> {
    let checked = plan.checked().into_iter();
    let mut names: Vec<String> =
        checked.map(|id| format!("{}/{}", plan.step(id).platform, plan.step(id).name)).collect();
    names.sort();
    names.dedup();
    names
}

const VERBS: [(Command, Verb, &str); 6] = [
    (Command::Test, Verb::Test, "test"),
    (Command::Coverage, Verb::Coverage, "test"),
    (Command::Bench, Verb::Bench, "bench"),
    (Command::Clippy, Verb::Clippy, "dev"),
    (Command::Doc, Verb::Doc, "dev"),
    (Command::Fmt, Verb::Fmt, "dev"),
];

#[test]
fn what_is_stated_is_read_and_evaluated() {
    for fixture in FIXTURES {
        for (command, verb, profile) in VERBS {
            let plan = planned(fixture, command, profile);
            let text = render(std::slice::from_ref(&plan)).unwrap();
            let (again, _) = read::read(&text).unwrap_or_else(|error| panic!("{fixture}: {error}"));
            assert_eq!(again.checks, plan.checks, "{fixture} {verb}");
            assert_eq!(plan.checks.as_ref().map(|checks| checks.verb), Some(verb));
            assert_eq!(names(&again), names(&plan), "{fixture} {verb}");
            let nix = evaluate(&plan, Split::Off).unwrap().expect("nix is here");
            assert_eq!(differences(&plan, &nix), "", "{fixture} {verb}");
        }
    }
}

/// Checks in the planner's memory are those that Nix hands to their builder.
#[test]
fn checks_in_memory_are_what_is_evaluated() {
    for fixture in FIXTURES {
        for (command, verb, profile) in VERBS {
            let plan = planned(fixture, command, profile);
            same_for_nix(&plan, &format!("{fixture} {verb}"));
        }
    }
}

fn same_for_nix(plan: &Plan, what: &str) {
    let memory = check_facts::checks(plan).expect("facts that the builder takes");
    let nix = evaluation::checks(plan, Split::Off).unwrap().expect("nix is here");
    let without_places = |checks: Checks| -> Checks {
        let plain = |(name, mut one): (String, Checked)| {
            (one.check.tool, one.check.pages) = (String::new(), Vec::new());
            (name, one)
        };
        checks.into_iter().map(plain).collect()
    };
    assert!(!nix.is_empty() || memory.is_empty(), "{what}");
    assert_eq!(without_places(memory), without_places(nix), "{what}");
}

#[test]
fn parts_of_a_run_are_stated_read_and_evaluated() {
    for fixture in FIXTURES {
        let plan = in_parts(fixture);
        let text = render(std::slice::from_ref(&plan)).unwrap();
        let (again, _) = read::read(&text).unwrap_or_else(|error| panic!("{fixture}: {error}"));
        assert_eq!(again.checks, plan.checks, "{fixture}");
        same_for_nix(&plan, fixture);
        let names = check_facts::checks(&plan).unwrap();
        assert!(names.keys().any(|name| name.ends_with(":test:3-of-3")), "{names:?}");
    }
}

/// What members depend on is the same in a plan of tests: only their own code counts what runs.
#[test]
fn members_count_what_runs_and_nobody_else() {
    let tests = planned("root-package-with-members", Command::Test, "test");
    let coverage = planned("root-package-with-members", Command::Coverage, "test");
    let flags = |plan: &Plan| -> Vec<bool> {
        let steps = plan.graph.node_weights();
        let counts = |step: &Step| step.additions.rustflags.iter().any(|flag| flag == FLAG);
        steps.filter(|step| step.compile().is_some()).map(counts).collect()
    };
    assert!(!flags(&tests).contains(&true));
    assert!(flags(&coverage).contains(&true));
    for step in coverage.graph.node_weights() {
        let counts = step.additions.rustflags.iter().any(|flag| flag == FLAG);
        assert!(!counts || matches!(step.platform, Platform::Target(_)), "{}", step.name);
    }
}

#[test]
fn tests_of_programs_libraries_and_documentation_are_checked() {
    let plan = planned("macro-with-unit-tests", Command::Test, "test");
    let modes: Vec<Mode> = plan
        .checked()
        .into_iter()
        .filter_map(|id| plan.step(id).compile().map(|compile| compile.mode))
        .collect();
    assert!(modes.contains(&Mode::Test) && modes.contains(&Mode::Doctest), "{modes:?}");
}

#[test]
fn a_plan_of_what_is_built_has_no_checks() {
    let plan = plan("cargo-bin-exe", everything("release"));
    let text = render(std::slice::from_ref(&plan)).unwrap();
    assert!(!text.contains("checkerText"), "{text}");
    let (_, recipe) = read::read(&text).unwrap();
    let checks = render(&[planned("cargo-bin-exe", Command::Test, "test")]).unwrap();
    // The rules of what is built are the same text in both.
    assert_eq!(read::read(&checks).unwrap().1, recipe);
}
