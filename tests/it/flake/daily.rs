//! `flake update` and `develop`: what is handed to Nix, and that the plan follows.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::document::workspace::Workspace;

const PROJECT: &str = r#"
--- Cargo.toml
[package]
name = "app"
version = "1.0.0"
edition = "2021"
[features]
loud = []
--- src/main.rs
fn main() {}
--- flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.rust-overlay.url = "github:oxalica/rust-overlay";
  outputs = inputs: { };
}
--- config.toml
[toolchain]
input = "rust-overlay"
"#;

/// A lock where every input is at a commit of that one digit.
fn lock(digit: &str) -> String {
    let node = |owner: &str, repo: &str| {
        format!(
            r#"{{ "locked": {{ "lastModified": 1, "narHash": "sha256-we5zDEFfn8TgzeWKjKDMIjeQZ59omEPl23NIF+13/ys=",
              "owner": "{owner}", "repo": "{repo}", "rev": "{}", "type": "github" }},
              "original": {{ "owner": "{owner}", "repo": "{repo}", "type": "github" }} }}"#,
            digit.repeat(40)
        )
    };
    format!(
        r#"{{ "nodes": {{ "nixpkgs": {}, "rust-overlay": {},
              "root": {{ "inputs": {{ "nixpkgs": "nixpkgs", "rust-overlay": "rust-overlay" }} }} }},
             "root": "root", "version": 7 }}"#,
        node("NixOS", "nixpkgs"),
        node("oxalica", "rust-overlay")
    )
}

/// A `nix` that says `version`, writes down the words that it is given, locks another commit, and
/// ends with a code.
const NIX: &str = r#"#!/bin/sh
if [ "$1" = --version ]; then echo "$NIX_SAYS"; exit 0; fi
for word in "$@"; do printf '[%s]' "$word"; done >>"$NIX_HEARD"
echo >>"$NIX_HEARD"
if [ "$1" = flake ]; then cp "$NIX_LOCKS" flake.lock; fi
exit "$NIX_ENDS"
"#;

/// A workspace with a plan, and that Nix.
struct Day {
    workspace: Workspace,
    nix: TempDir,
}

impl Day {
    fn new() -> Self {
        let day = Self { workspace: Workspace::new(PROJECT), nix: TempDir::new().unwrap() };
        let program = day.nix.path().join("nix");
        fs::write(&program, NIX).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(day.nix.path().join("next.lock"), lock("b")).unwrap();
        day.workspace.write(&format!("--- flake.lock\n{}", lock("a")));
        day.workspace.says(0, &["-o", "generated/steps.nix"]);
        day
    }

    fn run(&self, version: &str, ends: &str, args: &[&str]) -> Output {
        let path = std::env::var("PATH").unwrap();
        Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
            .args(args)
            .current_dir(self.workspace.path())
            .env("PATH", format!("{}:{path}", self.nix.path().display()))
            .env("NO_COLOR", "1")
            .env("NIX_SAYS", version)
            .env("NIX_ENDS", ends)
            .env("NIX_HEARD", self.nix.path().join("heard"))
            .env("NIX_LOCKS", self.nix.path().join("next.lock"))
            .output()
            .unwrap()
    }

    /// What Nix was told since the last time.
    fn heard(&self) -> String {
        let file = self.nix.path().join("heard");
        let heard = fs::read_to_string(&file).unwrap_or_default();
        let _ = fs::remove_file(&file);
        heard
    }

    fn plan(&self) -> String {
        self.workspace.read("generated/steps.nix")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The architecture aside, which differs between machines.
fn shown(bytes: &[u8]) -> String {
    text(bytes).replace(std::env::consts::ARCH, "ARCH")
}

#[test]
fn an_update_is_spelt_as_the_version_wants_it() {
    let day = Day::new();
    let heard = |version: &str, args: &[&str]| {
        let done = day.run(version, "0", &[&["flake", "update"], args].concat());
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        let heard = day.heard();
        // What is said to be run is what runs.
        let said = heard.trim_end().replace("][", " ");
        let said = format!("running: nix {}\n", said.trim_matches(['[', ']']));
        assert!(text(&done.stderr).starts_with(&said), "{said}{}", text(&done.stderr));
        heard
    };
    for version in ["nix (Nix) 2.8.0", "nix (Nix) 2.18.1", "nix (Nix) 2.34.8", "nix (odd)"] {
        assert_eq!(heard(version, &[]), "[flake][update]\n", "{version}");
    }
    let two = ["nixpkgs", "rust-overlay/nixpkgs"];
    let locked = "[flake][lock][--update-input][nixpkgs][--update-input][rust-overlay/nixpkgs]\n";
    let updated = "[flake][update][nixpkgs][rust-overlay/nixpkgs]\n";
    for (version, expected) in [
        ("nix (Nix) 2.8.0", locked),
        ("nix (Nix) 2.18.9", locked),
        ("nix (Nix) 2.19.0", updated),
        ("nix (Nix) 2.34.8", updated),
        ("nix (Determinate Nix 3.6.0) 2.29.0", updated),
        ("nix (Nix) 3.0pre20260101_abc", updated),
        ("nix (odd)", updated),
    ] {
        assert_eq!(heard(version, &two), expected, "{version}");
    }
    assert_eq!(
        heard("nix (Nix) 2.34.8", &["nixpkgs", "--", "--offline"]),
        "[flake][update][nixpkgs][--offline]\n"
    );
}

#[test]
fn the_plan_follows_an_update() {
    let day = Day::new();
    assert!(day.plan().contains(&format!("# Toolchain: rust-overlay at {}", "a".repeat(40))));
    let done = day.run("nix (Nix) 2.34.8", "0", &["flake", "update"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    insta::assert_snapshot!(text(&done.stderr), @r"
running: nix flake update
wrote generated/steps.nix
");
    insta::assert_snapshot!(shown(&done.stdout), @r"
Plan: 0 added, 1 changed, 0 removed; rebuilds 1 of 1 step (ARCH 1)
  ~ toolchain  rust-overlay aaaaaaa -> bbbbbbb; 1 step
");
    assert!(day.plan().contains(&format!("# Toolchain: rust-overlay at {}", "b".repeat(40))));
    // Nothing is left to say.
    let again = day.run("nix (Nix) 2.34.8", "0", &["flake", "update"]);
    assert_eq!(text(&again.stdout), "");
    assert!(text(&again.stderr).ends_with("generated/steps.nix is up to date\n"));
}

#[test]
fn an_update_that_fails_leaves_the_plan() {
    let day = Day::new();
    let before = day.plan();
    // Old versions of Nix take a wrong name in silence.
    let done = day.run("nix (Nix) 2.8.0", "0", &["flake", "update", "nixpkg"]);
    assert_eq!(done.status.code(), Some(2));
    insta::assert_snapshot!(text(&done.stderr), @r"
× flake.nix has no input `nixpkg`
help: it has nixpkgs, rust-overlay
");
    assert_eq!(day.heard(), "");
    let done = day.run("nix (Nix) 2.34.8", "3", &["flake", "update"]);
    assert_eq!(done.status.code(), Some(2));
    insta::assert_snapshot!(text(&done.stderr), @r"
running: nix flake update
  × `nix flake update` failed: exit status: 3
");
    assert_eq!(day.plan(), before);
}

#[test]
fn a_plan_of_other_flags_stays() {
    let day = Day::new();
    day.workspace.says(0, &["--features", "loud", "-o", "generated/steps.nix"]);
    let before = day.plan();
    let done = day.run("nix (Nix) 2.34.8", "0", &["flake", "update", "--profile", "dev"]);
    assert_eq!(day.plan(), before);
    insta::assert_snapshot!(text(&done.stderr), @r"
running: nix flake update
generated/steps.nix was planned with `--features=loud`; asked for now: `--profile=dev`. It stays: leave the flags out to have it follow
");
    // Without flags, it is made of those that its header has.
    let done = day.run("nix (Nix) 2.34.8", "0", &["flake", "update"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert_ne!(day.plan(), before);
    assert!(day.plan().contains("\n# Flags: --features=loud\n"));
}

#[test]
fn the_shell_s_exit_code_is_the_program_s() {
    let day = Day::new();
    day.workspace.write(&format!("--- flake.lock\n{}", lock("b")));
    let done = day.run("nix (Nix) 2.8.0", "7", &["develop", "--", "-c", "cargo", "test"]);
    assert_eq!(done.status.code(), Some(7), "{}", text(&done.stderr));
    assert_eq!(day.heard(), "[develop][-c][cargo][test]\n");
    // Standard output is the shell's.
    assert_eq!(text(&done.stdout), "");
    insta::assert_snapshot!(shown(&done.stderr), @r"
wrote generated/steps.nix
Plan: 0 added, 1 changed, 0 removed; rebuilds 1 of 1 step (ARCH 1)
  ~ toolchain  rust-overlay aaaaaaa -> bbbbbbb; 1 step
running: nix develop -c cargo test
");
    let done = day.run("nix (Nix) 2.8.0", "0", &["develop", ".#other"]);
    assert_eq!(done.status.code(), Some(0));
    assert_eq!(day.heard(), "[develop][.#other]\n");
}

#[test]
fn a_broken_workspace_keeps_nobody_out_of_the_shell() {
    let day = Day::new();
    day.workspace.write("--- Cargo.toml\n[package\n");
    let done = day.run("nix (Nix) 2.8.0", "0", &["develop"]);
    assert_eq!(done.status.code(), Some(0));
    assert_eq!(day.heard(), "[develop]\n");
    assert!(text(&done.stderr).starts_with("warning: the plan stays as it is\n"));
}

#[test]
fn without_nix_there_is_a_cure() {
    let day = Day::new();
    for args in [["develop"].as_slice(), &["flake", "update"]] {
        let done = Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
            .args(args)
            .current_dir(day.workspace.path())
            .env("PATH", "/nowhere")
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(2));
        let said = text(&done.stderr);
        assert!(said.contains("could not start `nix`"), "{said}");
        assert!(said.contains("help: install Nix"), "{said}");
    }
}

#[test]
fn a_flake_that_git_does_not_track_is_told() {
    let day = Day::new();
    day.workspace.git(&["init", "-q"]);
    let done = day.run("nix (Nix) 2.34.8", "0", &["develop"]);
    assert_eq!(done.status.code(), Some(2));
    let said = text(&done.stderr);
    assert!(said.contains("Git does not track"), "{said}");
    assert!(said.contains("help: git add flake.nix"), "{said}");
    assert_eq!(day.heard(), "");
    day.workspace.git(&["add", "flake.nix"]);
    let done = day.run("nix (Nix) 2.34.8", "0", &["develop"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
}

#[test]
fn without_a_flake_that_is_said() {
    let day = Day::new();
    fs::remove_file(day.workspace.file("flake.nix")).unwrap();
    fs::remove_file(day.workspace.file("config.toml")).unwrap();
    let before = day.plan();
    insta::allow_duplicates! {
    for args in [["develop"].as_slice(), &["flake", "update"], &["develop", "--", "-c", "true"]] {
        let done = day.run("nix (Nix) 2.34.8", "0", args);
        assert_eq!(done.status.code(), Some(2));
        let said = text(&done.stderr).replace(day.workspace.path().to_str().unwrap(), "WORKSPACE");
        insta::assert_snapshot!(said, @r#"
        × there is no flake.nix in WORKSPACE, nor above it
        help: `rbn-plan init` makes one; where it lies elsewhere, `nix.root` in
              config.toml says so
        "#);
    }
    }
    assert_eq!((day.heard(), day.plan()), (String::new(), before));
    // Of a flake elsewhere, and of a shell that needs none, Nix knows.
    day.run("nix (Nix) 2.34.8", "0", &["develop", "elsewhere#shell"]);
    day.run("nix (Nix) 2.34.8", "0", &["develop", "--", "-f", "shell.nix"]);
    assert_eq!(day.heard(), "[develop][elsewhere#shell]\n[develop][-f][shell.nix]\n");
    day.workspace.write("--- flakes/flake.nix\n{ outputs = inputs: { }; }\n--- config.toml\n[nix]\nroot = \"flakes\"\n");
    let done = day.run("nix (Nix) 2.34.8", "0", &["develop"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
}
