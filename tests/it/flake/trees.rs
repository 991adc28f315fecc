//! The tree of flakes on disk, and the command that shows it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, time::Instant};

fn family() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/flake/trees/family")
}

fn rbn_plan(arguments: &[&str], dir: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
        .arg("flake")
        .args(arguments)
        .current_dir(dir)
        .env("NO_COLOR", "1")
        .output()
        .expect("rbn-plan starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_family_is_shown_with_its_locks() {
    let output = rbn_plan(&[], &family());
    insta::assert_snapshot!("family", text(&output.stdout));
    // One of its flakes is broken: said on stderr, and by the exit code.
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!("family_errors", text(&output.stderr));
    assert!(text(&output.stdout).lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn json_holds_the_same() {
    let output = rbn_plan(&["--json"], &family());
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["format_version"], 1);
    let dirs: Vec<_> =
        json["flakes"].as_array().expect("flakes").iter().map(|f| &f["dir"]).collect();
    assert_eq!(dirs, ["", "broken", "parts/inner", "tool"]);
    let root = &json["flakes"][0];
    assert_eq!(root["lock"]["state"], "drifted");
    assert_eq!(json["flakes"][3]["lock"]["state"], "covered");
    assert_eq!(root["lock"]["nodes"]["root"]["inputs"]["same"]["node"], "nixpkgs");
    assert_eq!(root["lock"]["nodes"]["tool"]["inputs"]["nixpkgs"]["follows"][0], "nixpkgs");
    insta::assert_snapshot!(
        "family_drift_json",
        serde_json::to_string_pretty(&root["lock"]["drift"]).expect("JSON")
    );
}

#[test]
fn check_says_drift_by_its_exit_code() {
    let tool = family().join("tool");
    assert_eq!(rbn_plan(&[], &tool).status.code(), Some(0));
    assert_eq!(rbn_plan(&["--check"], &tool).status.code(), Some(1));
    let inner = family().join("parts/inner");
    assert_eq!(rbn_plan(&["--check"], &inner).status.code(), Some(0));
}

#[test]
fn a_directory_without_a_flake_is_bad_input() {
    let output = rbn_plan(&["parts"], &family());
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(text(&output.stderr), @r"
× no flake.nix in parts
help: name a directory that has one, or make one with `rbn-plan init`
");
    assert_eq!(rbn_plan(&["nowhere"], &family()).status.code(), Some(2));
    assert_eq!(rbn_plan(&["--json", "--format", "text"], &family()).status.code(), Some(2));
}

/// 50 flakes; in a debug build the limit is slack, `--release` must keep the real one.
#[test]
fn fifty_flakes_are_read_at_once() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let shapes: Vec<_> = super::corpus::shapes();
    let good = shapes.iter().filter(|(name, _)| name == "flake-parts" || name == "for-all-systems");
    for (number, (_, shape)) in good.cycle().take(50).enumerate() {
        let below = match number {
            0 => dir.path().to_owned(),
            _ => dir.path().join(format!("group{}/flake{number}/src", number % 7)),
        };
        fs::create_dir_all(below.join("lib/deep")).expect("a directory");
        fs::write(below.join("flake.nix"), shape).expect("a file");
        for file in 0..20 {
            fs::write(below.join(format!("lib/deep/{file}.rs")), "").expect("a file");
        }
    }
    let started = Instant::now();
    let output = rbn_plan(&["--json"], dir.path());
    let took = started.elapsed();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["flakes"].as_array().map(Vec::len), Some(50));
    eprintln!("50 flakes in {took:?}");
    let limit = if cfg!(debug_assertions) { 2_000 } else { 50 };
    assert!(took.as_millis() < limit, "50 flakes took {took:?}");
}
