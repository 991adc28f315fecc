//! The plan: written, compared, shown by Git.

use std::fs;

use super::screen::Screen;

#[test]
fn planning_and_checking() {
    let screen = Screen::new();
    screen.is("plan-written", 0, &["-o", "generated/steps.nix"]);
    screen.is("plan", 0, &["plan", "--output", "generated/steps.nix"]);
    screen.is("check", 0, &["check"]);
    let manifest = screen.workspace.read("app/Cargo.toml");
    fs::write(screen.workspace.file("app/Cargo.toml"), manifest.replace("json", "fast")).unwrap();
    screen.is("check-stale", 1, &["check"]);
    screen.is("check-github", 1, &["check", "--format", "github"]);
    screen.is("diff", 1, &["diff", "HEAD"]);
    screen.is("diff-markdown", 1, &["diff", "HEAD", "--format", "markdown"]);
}

/// What Git gets: the facts of a plan, and what changed between two.
#[test]
fn for_git() {
    let screen = Screen::new();
    screen.is("git-textconv", 0, &["git", "textconv", "generated/steps.nix"]);
    let (file, old) = ("generated/steps.nix", "bin/old.nix");
    fs::copy(screen.workspace.file(file), screen.workspace.file(old)).unwrap();
    let manifest = screen.workspace.read("app/Cargo.toml");
    fs::write(screen.workspace.file("app/Cargo.toml"), manifest.replace("json", "fast")).unwrap();
    screen.says(0, &["-o", file], false);
    screen.is("git-diff", 0, &["git", "diff", file, old, "1", "100644", file, "2", "100644"]);
}

/// Plans of checks, beside the plan of what is built.
#[test]
fn plans_of_checks() {
    let screen = Screen::new();
    let write = || screen.says(0, &["-o", "generated/steps.nix"], false);
    write();
    let plans = |plans: &str| {
        screen.workspace.write(&format!("--- config.toml\n[checks]\nplans = {plans}\n"));
    };
    plans("[\"test --workspace\", \"fmt\"]");
    screen.is("checks-missing", 1, &["check"]);
    let files = ["checks-test", "checks-fmt", "checks"];
    assert_eq!(write(), files.map(|file| format!("wrote generated/{file}.nix\n")).concat());
    screen.is("checks-check", 0, &["check"]);
    screen.workspace.commit();
    screen.workspace.write("--- app/tests/more.rs\n#[test]\nfn more() {}\n");
    screen.is("checks-stale", 1, &["check"]);
    screen.is("checks-github", 1, &["check", "--format", "github"]);
    screen.is("checks-diff", 1, &["diff"]);
    screen.is("checks-diff-markdown", 1, &["diff", "--format", "markdown"]);
    plans("[\"tset\"]");
    screen.is("checks-no-verb", 2, &["check"]);
    plans("[\"test\", \"test --doc\"]");
    screen.is("checks-twice", 2, &["check"]);
    plans("[\"test --offline\"]");
    screen.is("checks-no-place", 2, &["check"]);
    plans("[\"fmt --tests --nothing\"]");
    screen.is("checks-no-flag", 2, &["check"]);
}
