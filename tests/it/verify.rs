//! The planner against Cargo, from end to end.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rbn_plan::cargo::load;
use rbn_plan::cargo::selection::{Command, Selection};
use rbn_plan::model::{Plan, Split, Triple};
use rbn_plan::plan::lower;
use rbn_plan::verify::compare::compare;
use rbn_plan::verify::planned::{PlannedAction, PlannedStep};
use rbn_plan::verify::report::Report;
use rbn_plan::verify::session;

use crate::agree::options;
use crate::record::ripgrep;
use crate::workspaces::{configured, everything};

/// Plans and records the same selection.
fn verify(dir: &Path, selection: Selection) -> Report {
    verify_split(dir, selection, Split::Off)
}

/// The same of a plan of checks that was changed, and how many checks there are.
fn verify_checks(
    dir: &Path,
    selection: Selection,
    change: impl FnOnce(&mut Plan),
) -> (Report, usize) {
    let options = options(dir);
    let workspace = load(&options, options.compiler().expect("rustc answers"), selection)
        .unwrap_or_else(|error| panic!("{error:?}"));
    let mut plan = lower(&workspace).unwrap_or_else(|error| panic!("{error:?}"));
    change(&mut plan);
    let planned = session::planned(&plan, &plan, Split::Off, true)
        .unwrap_or_else(|error| panic!("{error:?}"))
        .planned;
    let is_check = |step: &&PlannedStep| matches!(step.action, PlannedAction::Check(_));
    let count = planned.steps.iter().filter(is_check).count();
    let program = PathBuf::from(env!("CARGO_BIN_EXE_rbn-plan"));
    let needed = session::needed(&plan);
    let recording = session::recorded(&options, &workspace, program, &needed, None, &mut |_| {})
        .unwrap_or_else(|error| panic!("{error}"));
    (compare(&planned, &recording), count)
}

/// The same, where the plan's argument splits libraries.
fn verify_split(dir: &Path, selection: Selection, split: Split) -> Report {
    let options = options(dir);
    let workspace = load(&options, options.compiler().expect("rustc answers"), selection)
        .unwrap_or_else(|error| panic!("{error:?}"));
    let plan = lower(&workspace).unwrap_or_else(|error| panic!("{error:?}"));
    let program = PathBuf::from(env!("CARGO_BIN_EXE_rbn-plan"));
    let planned = session::planned(&plan, &plan, split, true)
        .unwrap_or_else(|error| panic!("{error:?}"))
        .planned;
    let recording = session::recorded(
        &options,
        &workspace,
        program,
        &session::needed(&plan),
        None,
        &mut |_| {},
    )
    .unwrap_or_else(|error| panic!("{error}"));
    compare(&planned, &recording)
}

fn select(profile: &str, build_targets: &[&str]) -> Selection {
    Selection {
        profile: profile.to_owned(),
        workspace: true,
        build_targets: build_targets.iter().map(|&flag| flag.to_owned()).collect(),
        resolve_flags: vec!["--offline".to_owned()],
        ..Selection::default()
    }
}

fn lock(dir: &Path) {
    let status = std::process::Command::new("cargo")
        .args(["generate-lockfile", "--offline"])
        .current_dir(dir)
        .status()
        .expect("cargo starts");
    assert!(status.success());
}

#[test]
fn everything_is_equal() {
    let dir = everything();
    lock(dir.path());
    for selection in [
        select("dev", &[]),
        select("release", &["--all-targets"]),
        Selection { command: Command::Check, ..select("dev", &[]) },
    ] {
        let report = verify(dir.path(), selection);
        assert!(report.is_equal(), "{report}");
    }
}

/// A library and its metadata are one call of Cargo's, which two steps make.
#[test]
fn both_steps_of_a_library_are_equal() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let root = dir.path();
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    };
    write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"app\", \"middle\", \"base\"]\nresolver = \"2\"\n",
    );
    for (name, on) in [("app", "middle"), ("middle", "base"), ("base", "")] {
        let needs = if on.is_empty() {
            String::new()
        } else {
            format!("{on} = {{ path = \"../{on}\" }}\n")
        };
        let manifest = "version = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n";
        write(
            &format!("{name}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\n{manifest}{needs}"),
        );
        write(&format!("{name}/src/lib.rs"), "");
    }
    lock(root);
    let whole = verify(root, select("release", &[]));
    for split in [Split::Members, Split::All] {
        let report = verify_split(dir.path(), select("release", &[]), split);
        assert!(report.is_equal(), "{report}");
        assert!(report.planned > whole.planned, "{report}");
        assert_eq!((report.equal, report.recorded), (report.planned, whole.recorded));
    }
}

#[test]
fn settings_from_everywhere_are_equal() {
    let dir = configured();
    lock(dir.path());
    let targets = vec![Triple::new("x86_64-unknown-linux-gnu").expect("a triple")];
    for selection in [
        select("release", &[]),
        Selection { all_features: true, ..select("dev", &["--all-targets"]) },
        Selection { all_features: true, ..select("fast", &["--all-targets"]) },
    ] {
        let report = verify(dir.path(), Selection { targets: targets.clone(), ..selection });
        assert!(report.is_equal(), "{report}");
    }
}

/// The command: what it prints, and its exit codes.
#[test]
fn the_command_says_how_it_went() {
    let dir = everything();
    lock(dir.path());
    let run = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
            .arg("verify")
            .args(args)
            .current_dir(dir.path())
            // What the Cargo that runs this test, and every Cargo with an OpenSSL of its own, has set.
            .env_remove("SSL_CERT_DIR")
            .env_remove("SSL_CERT_FILE")
            .output()
            .expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let equal = "12 steps planned, 12 recorded from cargo: 12 equal\n".to_owned();
    assert_eq!(run(&["--offline", "--workspace"]), (Some(0), equal, String::new()));

    let (code, stdout, _) = run(&["--offline", "--format=json", "-p", "shared"]);
    let json: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!((code, &json["equal"], &json["planned"]), (Some(0), &1.into(), &1.into()));

    std::fs::write(dir.path().join("sys/build.rs"), "fn main() { panic!(\"no library\") }\n")
        .expect("a writable folder");
    let (code, stdout, stderr) = run(&["--offline"]);
    assert_eq!((code, stdout.as_str()), (Some(2), ""));
    assert!(stderr.contains("no library") && stderr.contains("by itself"), "{stderr}");
}

fn mix() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/checks/mix/.");
    let status = std::process::Command::new("cp").arg("-a").arg(from).arg(dir.path()).status();
    assert!(status.expect("cp starts").success());
    dir
}

/// Cargo's checks, with the build targets that each looks at: what they compile, and what they call.
const CHECKS: [(Command, &str, &[&str], usize); 4] = [
    (Command::Test, "test", &[], 9),
    (Command::Bench, "bench", &[], 5),
    (Command::Clippy, "dev", &["--all-targets"], 8),
    (Command::Doc, "dev", &[], 3),
];

#[test]
fn what_checks_call_is_equal() {
    let dir = mix();
    for (command, profile, targets, count) in CHECKS {
        let selection = Selection { command, ..select(profile, targets) };
        let (report, checks) = verify_checks(dir.path(), selection, |_| ());
        assert!(report.is_equal(), "{}: {report}", command.verb());
        assert!(checks >= count, "{}: {checks} checks", command.verb());
        assert_eq!(report.equal, report.planned, "{}: {report}", command.verb());
    }
}

/// What is called with another argument, or other lint flags, is told of each.
#[test]
fn another_call_is_told() {
    let dir = mix();
    for (command, profile, targets, _) in CHECKS {
        if command == Command::Doc {
            continue;
        }
        let selection = Selection { command, ..select(profile, targets) };
        let (report, checks) = verify_checks(dir.path(), selection, |plan| {
            let checks = plan.checks.as_mut().expect("a plan of checks");
            checks.args = vec!["--other".to_owned()];
        });
        assert_eq!(report.different.len(), checks, "{}: {report}", command.verb());
        assert!(report.to_string().contains("--other"), "{}: {report}", command.verb());
    }
}

/// Host units are recorded with each target, but are the same steps. Target units are never
/// compiled while recording, so no library of the other target has to be there.
#[test]
fn two_targets_share_their_host_steps() {
    let dir = everything();
    lock(dir.path());
    let targets = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];
    let targets = targets.map(|triple| Triple::new(triple).expect("a triple")).to_vec();
    let report = verify(dir.path(), Selection { targets, ..select("release", &[]) });
    assert!(report.is_equal(), "{report}");
}

#[test]
#[ignore = "needs ripgrep 14.1.1 and its dependencies in cargo's registry cache"]
fn ripgrep_is_equal() {
    let (_dir, path) = ripgrep().expect("ripgrep 14.1.1 is in cargo's registry cache");
    let report = verify(path.as_std_path(), select("release", &[]));
    assert!(report.is_equal(), "{report}");
}

/// Cargo spells places as it was told, and what it starts sees real ones.
#[test]
fn behind_links_is_equal() {
    let dir = everything();
    lock(dir.path());
    let links = tempfile::tempdir().expect("a temporary directory");
    let (workspace, home) = (links.path().join("workspace"), links.path().join("home"));
    symlink(dir.path(), &workspace).expect("a link");
    let real_home = rbn_plan::cargo::home().expect("a home");
    std::fs::create_dir_all(&real_home).expect("a writable folder");
    symlink(&real_home, &home).expect("a link");
    let elsewhere = links.path().to_owned();
    let manifest = workspace.join("Cargo.toml");
    let manifest = manifest.to_str().expect("UTF-8");
    for (place, args) in [
        (&workspace, vec!["--workspace"]),
        (&elsewhere, vec!["--workspace", "--manifest-path", manifest]),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
            .args(["verify", "--offline", "--no-nix"])
            .args(args)
            .current_dir(place)
            .env("CARGO_HOME", &home)
            .env("PWD", place)
            .env_remove("SSL_CERT_DIR")
            .env_remove("SSL_CERT_FILE")
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.ends_with("12 equal\n"), "{said}{}", String::from_utf8_lossy(&output.stderr));
    }
}
