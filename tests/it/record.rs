//! Recording what Cargo runs. Needs `cargo` and `rustc`; the registry's crates only where said.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rbn_plan::verify::error::RecordError;
use rbn_plan::verify::record::{CargoCommand, Options, Selection, record};
use rbn_plan::verify::recording::{RecordedRun, RecordedRustc, Recording, TARGET_DIR};
use tempfile::TempDir;

use crate::workspaces::{everything, workspace};

pub fn utf8(path: &Path) -> &Utf8Path {
    Utf8Path::from_path(path).expect("a UTF-8 path")
}

pub fn selection(command: CargoCommand, flags: &[&str]) -> Selection {
    Selection { command, targets: Vec::new(), flags: flags.iter().map(Into::into).collect() }
}

/// Records and holds that the last progress told is the number of units.
fn try_record(dir: &Path, selection: &Selection) -> Result<Recording, RecordError> {
    let mut told = 0;
    let recording = record(
        utf8(dir),
        selection,
        &mut Options {
            cargo: PathBuf::from("cargo"),
            program: PathBuf::from(env!("CARGO_BIN_EXE_rbn-plan")),
            tracer: None,
            needed: None,
            progress: &mut |units| told = units,
        },
    )?;
    assert_eq!(told, recording.len(), "progress");
    Ok(recording)
}

pub fn recorded(dir: &Path, selection: &Selection) -> Recording {
    match try_record(dir, selection) {
        Ok(recording) => recording,
        Err(error) => panic!("{error}"),
    }
}

/// Cargo's own number of units for the same selection.
fn unit_count(dir: &Path, recording: &Recording, selection: &Selection) -> usize {
    let command = match selection.command {
        CargoCommand::Build => "build",
        CargoCommand::Check | CargoCommand::Clippy => "check",
        CargoCommand::Test => "test",
        CargoCommand::Bench => "bench",
        CargoCommand::Doc => "doc",
    };
    let output = Command::new("cargo")
        .current_dir(dir)
        .env("RUSTC_BOOTSTRAP", "1")
        .args([command, "--unit-graph", "-Z", "unstable-options"])
        .args(["--target", &recording.targets[0]])
        .args(&selection.flags)
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let graph: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    graph["units"].as_array().expect("a list").len()
}

/// Records and holds that every unit of Cargo's was seen exactly once.
#[track_caller]
fn check_count(dir: &Path, selection: &Selection) -> Recording {
    let recording = recorded(dir, selection);
    assert_eq!(recording.len(), unit_count(dir, &recording, selection), "{:?}", selection.flags);
    let distinct: BTreeSet<_> =
        recording.units.iter().map(|unit| (&unit.cwd, &unit.args)).collect();
    assert_eq!(distinct.len(), recording.units.len(), "a unit was recorded twice");
    recording
}

fn run_of<'a>(recording: &'a Recording, name: &str) -> &'a RecordedRun {
    recording.runs.iter().find(|run| run.package.name == name).expect("the package has a script")
}

#[test]
fn every_unit_is_recorded_in_every_mode() {
    let dir = everything();
    for (command, flags) in [
        (CargoCommand::Build, &["--workspace", "--offline"][..]),
        (CargoCommand::Build, &["--offline", "-p", "app", "--release"]),
        (CargoCommand::Build, &["--offline", "--tests"]),
        (CargoCommand::Build, &["--offline", "--all-targets"]),
        (CargoCommand::Check, &["--offline"]),
        (CargoCommand::Check, &["--offline", "--all-targets"]),
    ] {
        check_count(dir.path(), &selection(command, flags));
    }
    assert!(!dir.path().join("target").exists(), "the user's target directory was touched");
}

#[test]
fn environment_is_what_cargo_set() {
    let dir = everything();
    let recording = recorded(dir.path(), &selection(CargoCommand::Build, &["--offline"]));
    let root = utf8(&dir.path().canonicalize().unwrap()).to_owned();

    let run = run_of(&recording, "app");
    assert_eq!(run.cwd, root.join("app"));
    assert_eq!(run.env["DEP_NATIVE_PLACE"], "somewhere");
    assert_eq!(run.env["CARGO_FEATURE_FAST"], "1");
    assert_eq!(run.env["CARGO_PKG_DESCRIPTION"], "two\nlines with ${x} and \"quotes\"");
    assert_eq!(run.env["TARGET"], recording.targets[0]);
    assert_eq!(run.env["CARGO_ENCODED_RUSTFLAGS"], "");
    assert!(run.env["OUT_DIR"].starts_with(TARGET_DIR), "{}", run.env["OUT_DIR"]);
    for ours in ["RUSTC_WRAPPER", "RBN_PLAN_RECORD", "CARGO_TARGET_DIR", "PATH", "HOME"] {
        assert!(!run.env.contains_key(ours), "{ours} is not Cargo's");
    }
    let said = String::from_utf8(run_of(&recording, "sys").stdout.clone()).unwrap();
    assert!(said.contains("cargo::metadata=PLACE=somewhere\n"), "{said}");
    assert!(said.contains(&format!("native={TARGET_DIR}/")), "{said}");

    let unit = |name: &str| {
        let is = |unit: &&RecordedRustc| unit.call().crate_name.as_deref() == Some(name);
        recording.units.iter().find(is).expect("a unit of that name")
    };
    let other = unit("other_name");
    assert_eq!(other.cwd, root);
    assert_eq!(other.env["CARGO_BIN_NAME"], "other-name");
    assert_eq!(other.env["MESSAGE"], "with spaces somewhere");
    assert_eq!(other.env["CARGO_PRIMARY_PACKAGE"], "1");
    assert_eq!(other.call().target.as_deref(), Some(recording.targets[0].as_str()));
    assert_eq!(other.call().root.as_deref(), Some("app/src/bin/other-name.rs"));
    assert_eq!(unit("mac").call().target, None);
    assert!(other.args.windows(2).any(|pair| pair == ["--cfg", "fancy"]), "{:?}", other.args);
}

#[test]
fn two_recordings_are_equal() {
    let dir = everything();
    let selection = selection(CargoCommand::Build, &["--offline", "--workspace"]);
    let mut first = recorded(dir.path(), &selection);
    let mut second = recorded(dir.path(), &selection);
    for recording in [&mut first, &mut second] {
        for unit in &mut recording.units {
            // File descriptors of the jobserver.
            unit.env.remove("CARGO_MAKEFLAGS");
        }
        for run in &mut recording.runs {
            run.env.remove("CARGO_MAKEFLAGS");
        }
    }
    assert_eq!(first.units, second.units);
    assert_eq!(first.runs, second.runs);
}

#[test]
fn a_workspace_that_does_not_build_says_how() {
    let dir = workspace(&[
        ("Cargo.toml", "[package]\nname = \"broken\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
        ("src/lib.rs", ""),
        ("build.rs", "fn main() { this_is_not_there() }\n"),
    ]);
    let error = try_record(dir.path(), &selection(CargoCommand::Build, &["--offline"]))
        .expect_err("the script does not compile");
    assert!(matches!(error, RecordError::Cargo { .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("cannot find function `this_is_not_there`"), "{said}");
    assert!(said.starts_with("`cargo build --offline --target "), "{said}");
    assert!(!dir.path().join("target").exists());
}

#[test]
fn a_failing_script_is_told_apart() {
    let dir = workspace(&[
        ("Cargo.toml", "[package]\nname = \"broken\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
        ("src/lib.rs", ""),
        ("build.rs", "fn main() { eprintln!(\"no such library\"); std::process::exit(7) }\n"),
    ]);
    let error = try_record(dir.path(), &selection(CargoCommand::Build, &["--offline"]))
        .expect_err("the script fails");
    assert!(matches!(error, RecordError::Script { .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("no such library") && said.contains("exit status: 7"), "{said}");
}

#[test]
fn no_cargo_and_no_workspace_are_said() {
    let dir = workspace(&[]);
    let error = try_record(dir.path(), &selection(CargoCommand::Build, &[])).expect_err("empty");
    assert!(error.to_string().contains("could not find `Cargo.toml`"), "{error}");

    let error = record(
        utf8(dir.path()),
        &Selection::default(),
        &mut Options {
            cargo: PathBuf::from("/no/such/cargo"),
            program: PathBuf::from(env!("CARGO_BIN_EXE_rbn-plan")),
            tracer: None,
            needed: None,
            progress: &mut |_| {},
        },
    )
    .expect_err("no such program");
    assert_eq!(error.to_string(), "`/no/such/cargo` cannot be started");
}

#[test]
fn a_configured_wrapper_is_left_out_and_said() {
    let dir = workspace(&[
        ("Cargo.toml", "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
        ("src/lib.rs", ""),
        (
            "build.rs",
            "fn main() { assert!(std::env::var_os(\"RUSTC_WRAPPER\").is_none()); \
             assert!(std::env::var_os(\"RUSTC_WORKSPACE_WRAPPER\").is_none()) }\n",
        ),
        (
            ".cargo/config.toml",
            "[build]\nrustc-wrapper = \"/no/such/wrapper\"\n\
             rustc-workspace-wrapper = \"/no/such/clippy\"\n",
        ),
    ]);
    let recording = recorded(dir.path(), &selection(CargoCommand::Build, &["--offline"]));
    assert_eq!(recording.len(), 3);
    insta::assert_snapshot!(recording.notes.join("\n"), @r"
    RUSTC_WRAPPER is set to `/no/such/wrapper` here; cargo was recorded without it
    RUSTC_WORKSPACE_WRAPPER is set to `/no/such/clippy` here; cargo was recorded without it
    ");
}

/// A copy of ripgrep from the local registry cache, if Cargo has it there.
pub fn ripgrep() -> Option<(TempDir, Utf8PathBuf)> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
    let source = fs::read_dir(home.join("registry/src"))
        .ok()?
        .filter_map(|index| Some(index.ok()?.path().join("ripgrep-14.1.1")))
        .find(|path| path.is_dir())?;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let copy = dir.path().join("ripgrep");
    let status = Command::new("cp").arg("-r").arg(&source).arg(&copy).status().expect("cp starts");
    assert!(status.success());
    let path = utf8(&copy).to_owned();
    Some((dir, path))
}

/// Not a test: the process that the next test interrupts.
#[test]
#[ignore = "run by an_interrupted_recording_leaves_nothing"]
fn interruptible() {
    let dir = PathBuf::from(std::env::var_os("WORKSPACE").expect("set by the test"));
    let error = try_record(&dir, &selection(CargoCommand::Build, &["--offline"]))
        .expect_err("the script sleeps until it is ended");
    assert!(matches!(error, RecordError::Interrupted(_)), "{error:?}");
    // From here on a signal ends the process as ever.
    println!("interrupted as it should be");
}

#[test]
fn an_interrupted_recording_leaves_nothing() {
    let dir = workspace(&[
        ("Cargo.toml", "[package]\nname = \"slow\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
        ("src/lib.rs", ""),
        (
            "build.rs",
            "fn main() { let here = std::env::var(\"CARGO_MANIFEST_DIR\").unwrap(); \
             std::fs::write(here + \"/pid\", std::process::id().to_string()).unwrap(); \
             std::thread::sleep(std::time::Duration::from_secs(600)) }\n",
        ),
    ]);
    let scratch = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "record::interruptible", "--ignored", "--nocapture"])
        .env("WORKSPACE", dir.path())
        .env("TMPDIR", scratch.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let pid_file = dir.path().join("pid");
    let deadline = Instant::now() + Duration::from_secs(120);
    let script = loop {
        match fs::read_to_string(&pid_file).ok().and_then(|text| text.parse::<u32>().ok()) {
            Some(pid) => break pid,
            None => assert!(Instant::now() < deadline, "the script did not start"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(fs::read_dir(scratch.path()).unwrap().next().is_some(), "it works in TMPDIR");
    let status = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    assert!(child.wait().unwrap().success());
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().unwrap(), &mut said).unwrap();
    assert!(said.contains("interrupted as it should be"), "{said}");
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0, "something was left behind");
    assert!(!dir.path().join("target").exists());
    // The script itself is gone too, or about to be reaped by init.
    let state = fs::read_to_string(format!("/proc/{script}/stat")).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "still running: {state}");
}

#[test]
#[ignore = "needs ripgrep 14.1.1 and its dependencies in cargo's registry cache"]
pub fn ripgrep_is_recorded_in_seconds() {
    let (_dir, path) = ripgrep().expect("ripgrep 14.1.1 is in cargo's registry cache");
    let start = Instant::now();
    let recording = check_count(
        path.as_std_path(),
        &selection(CargoCommand::Build, &["--release", "--offline", "--locked"]),
    );
    let took = start.elapsed();
    assert!(recording.len() > 30, "{} units", recording.len());
    assert!(took < Duration::from_secs(60), "{took:?}");
    eprintln!("ripgrep: {} units recorded in {took:?}", recording.len());
}
