//! Plans in Git's own diffs, with a real Git.

use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use super::workspace::{SMALL, Workspace};

/// Git in the workspace, with the program on its PATH.
fn with_program(workspace: &Workspace) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_rbn-plan"));
    let path =
        format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("git");
    command
        .args(["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "core.abbrev=4"])
        .args(["-c", "core.pager=cat"])
        .current_dir(workspace.path())
        .env("PATH", path);
    command
}

/// What Git prints.
fn git(workspace: &Workspace, args: &[&str]) -> String {
    let done = with_program(workspace).args(args).output().unwrap();
    let err = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{args:?}: {err}");
    let host = super::workspace::host();
    let text = String::from_utf8_lossy(&done.stdout).replace(&host, "TARGET");
    text.replace(host.split('-').next().unwrap(), "ARCH")
}

/// Without what is another in each run, or with every change of the library and the header.
fn stable(text: &str) -> String {
    let line = |line: &str| {
        let mark = "The library and the builder: ";
        match (line.split_once(mark), line.split("@@ ").nth(2)) {
            (Some((before, digest)), _) => {
                assert_eq!(digest.len(), 16, "{line}");
                format!("{before}{mark}DIGEST")
            }
            (None, Some(heading)) if line.starts_with("@@ ") => format!("@@ {heading}"),
            _ => line.to_owned(),
        }
    };
    let lines = text.lines().filter(|line| !line.starts_with("index ")).map(line);
    lines.collect::<Vec<_>>().join("\n")
}

fn committed() -> Workspace {
    let workspace = Workspace::new(SMALL);
    workspace.git(&["init", "-q"]);
    workspace.says(0, &["git", "setup"]);
    workspace.commit();
    workspace
}

/// Another version of rbn-plan has another library: two thousand lines that nobody reviews.
fn with_another_library(workspace: &Workspace) {
    let text = workspace.read("generated/steps.nix");
    let changed =
        text.replace("  # --- The library: the", "  # --- The library:\n  # new\n  # the");
    assert_ne!(text, changed);
    fs::write(workspace.file("generated/steps.nix"), changed).unwrap();
}

#[test]
fn setup_says_what_it_does_and_does_it_once() {
    let workspace = Workspace::new(SMALL);
    let refused = workspace.says(2, &["git", "setup"]);
    assert!(refused.contains("`git config --local diff.rbn-plan.textconv"), "{refused}");
    assert!(refused.contains("run it in a clone of the project's repository"), "{refused}");
    workspace.git(&["init", "-q"]);
    fs::write(workspace.file(".gitattributes"), "*.bin binary").unwrap();
    assert_snapshot!(workspace.says(0, &["git", "setup", "--meaning"]), @r#"
    set diff.rbn-plan.textconv in this repository's configuration
    set diff.rbn-plan.xfuncname in this repository's configuration
    set diff.rbn-plan.command in this repository's configuration
    added generated/steps.nix to .gitattributes
    "#);
    assert_snapshot!(workspace.says(0, &["git", "setup"]), @r#"
    set diff.rbn-plan.textconv in this repository's configuration
    set diff.rbn-plan.xfuncname in this repository's configuration
    "#);
    assert_snapshot!(workspace.read(".gitattributes"), @r#"
    *.bin binary
    /generated/steps.nix diff=rbn-plan linguist-generated
    "#);
}

#[test]
fn diff_log_and_show_tell_facts_without_the_library() {
    let workspace = committed();
    workspace.write("--- parser/Cargo.toml\n[package]\nname = \"parser\"\nversion = \"0.3.2\"\nedition = \"2021\"\nlinks = \"parse\"\n[features]\ndefault = []\nstd = []\njson = []\nfast = []\n");
    workspace.cargo(&["generate-lockfile", "--offline"]);
    workspace.says(0, &["-o", "generated/steps.nix"]);
    with_another_library(&workspace);
    let plan = ["--", "generated/steps.nix"];
    let diff = git(&workspace, &[&["diff", "-U0"], &plan[..]].concat());
    assert_snapshot!(stable(&diff), @r#"
    diff --git a/generated/steps.nix b/generated/steps.nix
    --- a/generated/steps.nix
    +++ b/generated/steps.nix
    @@ "macros-0.1.0"
    -    "parser-0.3.1" = {
    +    "parser-0.3.2" = {
    @@ "parser-0.3.1"
    -      version = "0.3.1";
    +      version = "0.3.2";
    @@ "macros-0.1.0~1c88ae"
    -    "parser-0.3.1:build-script" = buildScript {
    +    "parser-0.3.2:build-script" = buildScript {
    @@ "parser-0.3.1:build-script"
    -      features.std = true;
    @@ "app-1.2.0:bin:app"
    -      deps.parser = "parser-0.3.1";
    +      deps.parser = "parser-0.3.2";
    @@ "app-1.2.0:bin:app"
    -    "parser-0.3.1" = lib {
    +    "parser-0.3.2" = lib {
    @@ "parser-0.3.1"
    -      features.std = true;
    -      script = "parser-0.3.1:run";
    +      script = "parser-0.3.2:run";
    @@ "parser-0.3.1"
    -    "parser-0.3.1:run" = run {
    +    "parser-0.3.2:run" = run {
    @@ "parser-0.3.1:run"
    -      features.std = true;
    -      program = "parser-0.3.1:build-script";
    +      program = "parser-0.3.2:build-script";
    @@ TARGET
    -        "parser-0.3.1"
    +        "parser-0.3.2"
    @@ TARGET
    -  # --- The library and the builder: DIGEST
    +  # --- The library and the builder: DIGEST
    "#);
    workspace.git(&["add", "-A"]);
    workspace.git(&["commit", "-q", "-m", "y"]);
    let log = git(&workspace, &[&["log", "-1", "-p", "-U0", "--format="], &plan[..]].concat());
    assert_eq!(stable(log.trim_start()), stable(&diff));
    let shown = git(&workspace, &[&["show", "-U0", "--format="], &plan[..]].concat());
    assert_eq!(stable(shown.trim_start()), stable(&diff));
}

#[test]
fn plans_that_come_and_go_and_files_that_are_none() {
    let workspace = committed();
    // The first commit adds it, this one removes it.
    let added = git(&workspace, &["show", "--format=", "--", "generated/steps.nix"]);
    assert!(added.contains("+    \"parser-0.3.1\" = lib {"), "{added}");
    assert!(!added.contains("mkStep"), "{added}");
    let bytes = [b'x', 0xff, b'\n'];
    fs::write(workspace.file("generated/steps.nix"), bytes).unwrap();
    assert!(git(&workspace, &["diff"]).contains("+x"), "what is no plan is shown as it is");
    fs::write(workspace.file("generated/steps.nix"), "").unwrap();
    git(&workspace, &["diff"]);
    fs::remove_file(workspace.file("generated/steps.nix")).unwrap();
    let gone = git(&workspace, &["diff"]);
    assert!(gone.contains("-    \"parser-0.3.1\" = lib {") && !gone.contains("mkStep"), "{gone}");
}

#[test]
fn a_command_tells_the_meaning() {
    let workspace = committed();
    workspace.says(0, &["git", "setup", "--meaning"]);
    workspace.write("--- config.toml\n[env]\nLEVEL = \"3\"\n");
    workspace.says(0, &["-o", "generated/steps.nix"]);
    let plan = ["diff", "--", "generated/steps.nix"];
    assert_snapshot!(git(&workspace, &plan), @r#"
    rbn-plan diff generated/steps.nix
    Plan: 0 added, 1 changed, 0 removed; rebuilds 6 of 6 steps (host 3, ARCH 3)
      ~ plan  environment: +LEVEL; 6 steps
    "#);
    fs::write(workspace.file("generated/steps.nix"), "neither\n").unwrap();
    let foreign = git(&workspace, &plan);
    assert!(foreign.starts_with("rbn-plan diff generated/steps.nix\n--- a/"), "{foreign}");
    assert!(foreign.ends_with("+neither\n"), "{foreign}");
    fs::remove_file(workspace.file("generated/steps.nix")).unwrap();
    assert_snapshot!(git(&workspace, &plan), @r#"
    rbn-plan diff generated/steps.nix
    The plan of 6 steps is gone.
    "#);
    workspace.git(&["rm", "-q", "--cached", "generated/steps.nix"]);
    workspace.git(&["commit", "-q", "-m", "gone"]);
    workspace.says(0, &["-o", "generated/steps.nix"]);
    workspace.git(&["add", "-A"]);
    assert_snapshot!(git(&workspace, &["diff", "--cached", "--", "generated/steps.nix"]), @r#"
    rbn-plan diff generated/steps.nix
    A new plan of 6 steps.
    "#);
}

/// As docs/git.md has it.
#[test]
fn a_hook_refuses_a_commit_with_a_stale_plan() {
    use std::os::unix::fs::PermissionsExt as _;
    let workspace = committed();
    let hook = workspace.file(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, "#!/bin/sh\nexec rbn-plan check\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    workspace.write("--- config.toml\n[env]\nLEVEL = \"3\"\n");
    workspace.git(&["add", "-A"]);
    let commit = || {
        let mut command = with_program(&workspace);
        command.args(["commit", "-q", "-m", "y"]).output().unwrap()
    };
    let refused = commit();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("generated/steps.nix is not up to date."), "{said}");
    assert!(
        said.ends_with("help: run `rbn-plan -o generated/steps.nix` and commit the result\n"),
        "{said}"
    );
    workspace.says(0, &["-o", "generated/steps.nix"]);
    workspace.git(&["add", "-A"]);
    assert!(commit().status.success());
}
