//! `rbn-plan init`: what it writes, that it shows it first, and that twice is once.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn init(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
        .arg("init")
        .args(arguments)
        .current_dir(dir)
        .output()
        .expect("rbn-plan starts")
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn an_existing_flake_is_shown_then_wired_then_left_alone() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let simple = include_str!("../../fixtures/flake/shapes/flake-utils.nix");
    fs::write(dir.path().join("flake.nix"), simple).expect("a file");
    fs::write(dir.path().join("config.toml"), "mine").expect("a file");

    let shown = init(dir.path(), &["--dry-run"]);
    assert_eq!(shown.status.code(), Some(0));
    insta::assert_snapshot!("init_dry_run", text(&shown.stdout));
    assert_eq!(names(dir.path()), ["config.toml", "flake.nix"]);
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).expect("a file");
    assert_eq!(read("flake.nix"), simple);

    let done = init(dir.path(), &[]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    insta::assert_snapshot!(text(&done.stderr), @r"
changed flake.nix
flake.nix has a default package already; the plan's is `rbn-plan`: nix build .#rbn-plan
next: rbn-plan -o generated/steps.nix
");
    assert_eq!(names(dir.path()), ["config.toml", "flake.nix", "generated"]);
    let wired = read("flake.nix");
    assert_eq!(read("config.toml"), "mine");

    let again = init(dir.path(), &[]);
    assert_eq!(text(&again.stderr), "nothing to do\n");
    assert_eq!(read("flake.nix"), wired);
}

#[test]
fn a_project_without_a_flake_gets_one() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let project = dir.path().join("app");
    fs::create_dir(&project).expect("a directory");
    assert_eq!(init(&project, &[]).status.code(), Some(0));
    assert_eq!(names(&project), ["config.toml", "flake.nix", "generated"]);
    let flake = fs::read_to_string(project.join("flake.nix")).expect("a file");
    insta::assert_snapshot!("init_new_flake", flake);
    assert_eq!(text(&init(&project, &[]).stderr), "nothing to do\n");
}

#[test]
fn what_cannot_be_wired_is_a_snippet() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let computed = include_str!("../../fixtures/flake/shapes/mk-flake.nix");
    fs::write(dir.path().join("flake.nix"), computed).expect("a file");
    let output = init(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(text(&output.stdout), @r#"
packages.x86_64-linux.default = (import ./generated/steps.nix { system = "x86_64-linux"; }).default;
packages.aarch64-linux.default = (import ./generated/steps.nix { system = "aarch64-linux"; }).default;
"#);
    assert_eq!(fs::read_to_string(dir.path().join("flake.nix")).expect("a file"), computed);
}

#[test]
fn what_is_no_directory_is_bad_input() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let output = init(dir.path(), &["nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(text(&output.stderr), @r"
× no directory nowhere
help: name the directory of a project
");
}
