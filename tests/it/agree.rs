//! The planner's memory and the evaluated `steps.nix` say the same: the rules of `plan::args`,
//! `plan::env` and `plan::identity` stand in `templates/lib/` once more.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use camino::Utf8PathBuf;
use rbn_plan::cargo::load::{Options, load};
use rbn_plan::cargo::probe_cache::Answers;
use rbn_plan::cargo::selection::{Command, Selection};
use rbn_plan::model::{Edge, Plan, Triple};
use rbn_plan::plan::{args, env, lower, sandbox_paths};
use rbn_plan::verify::evaluation::{Evaluation, PROGRAM, Step, evaluate};
use rbn_plan::verify::{evaluated, lowered};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/workspaces")
}

/// Plans without touching the fixture: nothing is compiled, but Cargo may want a target directory.
fn plan(fixture: &str, selection: Selection) -> Plan {
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
    let options = Options {
        dir: Utf8PathBuf::from_path_buf(dir).expect("a UTF-8 path"),
        manifest_path: None,
        cargo: "cargo".to_owned(),
        rustc: "rustc".to_owned(),
        answers: Answers::default(),
        untrusted: None,
    };
    let workspace = load(&options, options.compiler().expect("rustc answers"), selection)
        .unwrap_or_else(|error| panic!("{fixture}: {error:?}"));
    lower(&workspace).unwrap_or_else(|error| panic!("{fixture}: {error:?}"))
}

fn everything(profile: &str) -> Selection {
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
fn differences(plan: &Plan, nix: &Evaluation) -> String {
    let mut found = String::new();
    let mut seen = 0;
    for id in plan.graph.node_indices() {
        let step = plan.step(id);
        let name = format!("{}/{}", step.platform, step.name);
        let Some(theirs) = nix.steps.get(&name) else {
            let _ = writeln!(found, "{name}: not in the evaluated plan");
            continue;
        };
        seen += 1;
        let mut differ = |what: &str, memory: Vec<String>, nix: Vec<String>| {
            if memory != nix {
                let _ = writeln!(found, "{name}: {what}");
                for text in memory.iter().filter(|text| !nix.contains(text)) {
                    let _ = writeln!(found, "  memory {text}");
                }
                for text in nix.iter().filter(|text| !memory.contains(text)) {
                    let _ = writeln!(found, "  nix    {text}");
                }
            }
        };
        let package = plan.package(id);
        let mut environment = env::of(plan, id);
        let mut cwd = sandbox_paths::package(package, plan.root_depth);
        if let Step::Compile(compile) = theirs {
            cwd = sandbox_paths::working_directory(package, plan.root_depth);
            for (edge, to) in plan.dependencies(id) {
                if let Edge::BinExe { name } = edge {
                    let to = plan.step(to);
                    let path = format!("/step/{}/{}/bin/{name}", to.platform, to.name);
                    environment.insert(format!("CARGO_BIN_EXE_{name}"), path);
                }
            }
            differ("id", vec![step.id.clone()], vec![compile.id.clone()]);
            differ("files", args::link_files(plan, id), compile.made.clone());
            differ("arguments", args::rustc(plan, id), compile.argv.clone());
        }
        assert_eq!(step.compile().is_some(), matches!(theirs, Step::Compile(_)), "{name}");
        differ("directory", vec![cwd.to_string()], vec![theirs.common().cwd.clone()]);
        differ("environment", table(&environment), table(&theirs.common().env));
    }
    if seen != nix.steps.len() {
        let _ = writeln!(found, "{} steps planned, {} evaluated", seen, nix.steps.len());
    }
    found
}

fn table(env: &BTreeMap<String, String>) -> Vec<String> {
    env.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

fn nix_is_here() -> bool {
    Process::new(PROGRAM).arg("--version").output().is_ok()
}

fn check(selection: impl Fn() -> Selection) {
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
    for name in names {
        let plan = plan(&name, selection());
        let nix = evaluate(&plan).unwrap_or_else(|error| panic!("{name}: {error}"));
        let nix = nix.expect("nix is here");
        for line in differences(&plan, &nix).lines() {
            let _ = writeln!(found, "{name}: {line}");
        }
        let (memory, nix) = (lowered::planned(&plan), evaluated::planned(&plan, &nix));
        let nix = nix.unwrap_or_else(|error| panic!("{name}: {error}"));
        for (memory, nix) in memory.steps.into_iter().zip(nix.steps) {
            assert_eq!(memory.name, nix.name, "{name}");
            let (memory, nix) = (comparable(memory), comparable(nix));
            if memory != nix {
                let _ = writeln!(found, "{name}: planned\n  memory {memory:#?}\n  nix {nix:#?}");
            }
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

/// Both forms say `linked_as` and `package_has_lib` in words of their own; what they decide
/// is compared through the scripts' effects.
fn comparable(
    mut step: rbn_plan::verify::planned::PlannedStep,
) -> rbn_plan::verify::planned::PlannedStep {
    use rbn_plan::verify::planned::{LinkedKind, PlannedAction};
    if let PlannedAction::Compile(compile) = &mut step.action {
        compile.externs.sort();
        let is_lib = matches!(compile.linked_as, LinkedKind::Lib { .. });
        compile.package_has_lib = compile.package_has_lib && !is_lib;
        let test = compile.args.iter().any(|arg| arg == "--test");
        if matches!(compile.linked_as, LinkedKind::Lib { cdylib } if !cdylib || test) {
            compile.linked_as = LinkedKind::Other;
        }
    }
    step
}

#[test]
fn release_builds() {
    check(|| everything("release"));
}

#[test]
fn debug_checks() {
    check(|| Selection { command: Command::Check, ..everything("dev") });
}
