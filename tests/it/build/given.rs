//! Times in `explain`, `diff` and `graph`, and what `build` refuses before it asks Nix.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use serde_json::json;

use crate::document::committed::build;
use crate::document::workspace::{SMALL, Workspace, host};

/// Times of three of SMALL's six steps, in milliseconds.
fn times() -> String {
    let triple = host();
    let steps = json!({
        "host/parser-0.3.1:build-script": 700,
        (format!("{triple}/parser-0.3.1")): 98_000,
        (format!("{triple}/app-1.2.0:bin:app")): 12_000,
    });
    json!({ "format_version": 1, "steps": steps }).to_string()
}

/// A workspace with times where builds leave them.
fn timed() -> Workspace {
    let workspace = Workspace::new(SMALL);
    workspace.write(&format!("--- target/rbn-plan/release/times.json\n{}\n", times()));
    workspace
}

fn line(text: &str, start: &str) -> String {
    let from = text.find(start).unwrap_or_else(|| panic!("no {start:?} in\n{text}"));
    let mut lines = text[from..].lines();
    let first = lines.next().unwrap();
    let more = lines.take_while(|line| line.starts_with("      "));
    [first].into_iter().chain(more).collect::<Vec<_>>().join("\n")
}

#[test]
fn touching_a_step_costs_what_was_measured() {
    let workspace = timed();
    let said = workspace.says(0, &["explain", "parser-0.3.1"]);
    assert_snapshot!(line(&said, "took"), @"took        1m38s");
    assert_snapshot!(line(&said, "touching it"), @"touching it rebuilds 2 of 6 steps (ARCH 2), about 1m50s of compile time");
    // A step that was never timed says so, and what it reaches is known in part.
    let said = workspace.says(0, &["explain", "parser-0.3.1:run"]);
    assert!(!said.contains("took"), "{said}");
    assert_snapshot!(line(&said, "touching it"), @r#"
    touching it rebuilds 3 of 6 steps (ARCH 3), at least 1m50s of compile time
                  (the times of 2 of 3 are known)
    "#);
    let together = workspace.says(0, &["explain", "parser"]);
    assert_snapshot!(line(&together, "All "), @"All 3 together: touching them rebuilds 4 of 6 steps, at least 1m51s of compile");
    let json = workspace.says(0, &["explain", "parser-0.3.1", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["steps"][0]["milliseconds"], 98_000);
    assert_eq!(
        json["steps"][0]["cost"],
        json!({ "milliseconds": 110_000, "timed": 2, "steps": 2 })
    );
}

#[test]
fn a_rebuild_costs_what_was_measured() {
    let workspace = timed();
    workspace.commit();
    workspace.write("--- parser/Cargo.toml\n[package]\nname = \"parser\"\nversion = \"0.3.2\"\nedition = \"2021\"\nlinks = \"parse\"\n[features]\ndefault = [\"std\"]\nstd = []\njson = []\nfast = []\n");
    workspace.cargo(&["generate-lockfile", "--offline"]);
    // parser 0.3.2 was never built: 0.3.1 tells how long it takes.
    let said = workspace.says(1, &["diff", "HEAD"]);
    assert_snapshot!(line(&said, "Plan:"), @r#"
    Plan: 0 added, 1 changed, 0 removed; rebuilds 4 of 6 steps (host 1, ARCH 3),
          at least 1m51s of compile time (the times of 3 of 4 are known)
    "#);
    let said = workspace.says(1, &["diff", "HEAD", "--format", "markdown"]);
    assert_snapshot!(line(&said, "**Plan:**"), @"**Plan:** 0 added, 1 changed, 0 removed; rebuilds 4 of 6 steps (host 1, ARCH 3), at least 1m51s of compile time (the times of 3 of 4 are known).");
}

#[test]
fn a_given_file_wins_and_its_faults_are_told() {
    let workspace = timed();
    let mine = json!({ "steps": { (format!("{}/app-1.2.0:bin:app", host())): 60_000 } });
    workspace.write(&format!("--- mine.json\n{mine}\n--- bad\nhello\n"));
    let said = workspace.says(0, &["explain", "app", "--times", "mine.json"]);
    assert_snapshot!(line(&said, "touching it"), @"touching it rebuilds 1 of 6 steps (ARCH 1), about 1m00s of compile time");
    assert_snapshot!(workspace.says(2, &["explain", "app", "--times", "bad"]), @r#"
    × bad holds no times: it is neither JSON nor a log of Nix
    help: times are a timeline of `rbn-plan build`, {"steps":
          {"host/syn-2.0.90": 1200}} in milliseconds, or a log of `nix build
          --log-format internal-json` with the seconds before each line
    "#);
    assert_snapshot!(workspace.says(2, &["graph", "--format", "html", "--times", "gone"]), @r#"
    × could not read gone
    ╰─▶ No such file or directory (os error 2)
    "#);
    // What lies in the default place was not asked for: a warning does.
    workspace.write("--- target/rbn-plan/release/times.json\nbroken\n");
    let said = workspace.says(0, &["explain", "app"]);
    assert_snapshot!(line(&said, "warning"), @"warning: WORKSPACE/target/rbn-plan/release/times.json holds no times: it is neither JSON nor a log of Nix; going on without recorded times");
    assert!(!said.contains("of compile time"), "{said}");
}

#[test]
fn times_of_another_profile_are_not_taken() {
    let said = timed().says(0, &["explain", "parser-0.3.1", "--profile", "dev"]);
    assert!(!said.contains("of compile time"), "{said}");
}

#[test]
fn the_graph_s_critical_path_goes_by_times() {
    let workspace = timed();
    workspace.says(0, &["graph", "--format", "html", "-o", "plan.html"]);
    let page = workspace.read("plan.html");
    assert!(page.contains("\"timed\":true") && page.contains("\"length\":110700"), "{page}");
}

/// A plan holds nothing of the machine's compiler; what it is built with is in another file.
#[test]
fn a_new_compiler_is_seen_by_build() {
    let workspace = Workspace::new(SMALL);
    workspace.says(0, &["-o", "generated/steps.nix"]);
    workspace.says(0, &["toolchain", "host", "-o", "generated/toolchain.nix"]);
    let now = workspace.read("generated/toolchain.nix");
    // By a Nix that builds nothing.
    let prepared = || build(&workspace, ".", &[]);
    let said = prepared();
    assert!(said.starts_with("+ nix build "), "nothing was to be written: {said}");
    let first = "  fingerprint = [\n    \"rustc ";
    let old = now.replace(first, &format!("{first}1.0.0, not "));
    assert_ne!(old, now);
    fs::write(workspace.file("generated/toolchain.nix"), old).unwrap();
    let said = prepared();
    let said = said.lines().next().unwrap();
    assert!(
        said.starts_with("generated/toolchain.nix was for other tools (rustc 1.0.0, not "),
        "{said}"
    );
    assert!(said.ends_with("; what was built with them is built again"), "{said}");
    assert_eq!(workspace.read("generated/toolchain.nix"), now);
    // An upgraded C library says nothing of itself; steps would refuse to work with it.
    let (before, after) = now.split_once("/libc.so.6\" = \"").unwrap();
    fs::write(
        workspace.file("generated/toolchain.nix"),
        format!("{before}/libc.so.6\" = \"1{after}"),
    )
    .unwrap();
    let said = prepared();
    assert!(said.contains("/libc.so.6): rendered for rustc "), "{said}");
    assert_eq!(workspace.read("generated/toolchain.nix"), now);
    // What somebody else made is his.
    workspace.says(0, &["toolchain", "nixpkgs", "-o", "generated/toolchain.nix"]);
    let nixpkgs = workspace.read("generated/toolchain.nix");
    assert!(prepared().starts_with("+ nix build "));
    assert_eq!(workspace.read("generated/toolchain.nix"), nixpkgs);
}

/// rustup starts the compiler that the directory asks for, so it is asked where the workspace is.
#[test]
fn the_compiler_is_the_one_that_the_workspace_asks_for() {
    let workspace = Workspace::new(SMALL);
    let elsewhere = tempfile::tempdir().unwrap();
    let rustc = elsewhere.path().join("asked");
    let text =
        "#!/bin/sh\nrustc \"$@\" || exit\n[ \"$*\" != -vV ] || echo \"asked in: $(pwd -P)\"\n";
    fs::write(&rustc, text).unwrap();
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).unwrap();
    let nix = elsewhere.path().join("nix");
    fs::write(&nix, "#!/bin/sh\nexit 1\n").unwrap();
    fs::set_permissions(&nix, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", elsewhere.path().display(), std::env::var("PATH").unwrap());
    let build = |dir: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command.args(["build", "-C"]).arg(workspace.path()).env("PATH", &path);
        command.current_dir(dir).env("RUSTC", &rustc).env_remove("RUSTFLAGS");
        let done = command.output().unwrap();
        String::from_utf8(done.stderr).unwrap()
    };
    let said = build(elsewhere.path());
    assert!(said.contains("generated/toolchain.nix was missing: rendered"), "{said}");
    let first = workspace.read("generated/toolchain.nix");
    let place = workspace.path().canonicalize().unwrap();
    assert!(first.contains(&format!("\"asked in: {}\"", place.display())), "{first}");
    // From wherever it is built, the file is for the same compiler.
    let said = build(workspace.path());
    assert!(!said.contains("toolchain.nix"), "{said}");
    assert_eq!(workspace.read("generated/toolchain.nix"), first);
}

#[test]
fn build_refuses_before_it_asks_nix() {
    let workspace = Workspace::new(SMALL);
    workspace.write("--- generated/toolchain.nix\n# mine\n");
    assert_snapshot!(workspace.says(2, &["build", "parsr"]), @r#"
    × the plan has no step or package `parsr`
    help: did you mean parser, parser-0.3.1, parser-0.3.1:run?
    "#);
    workspace.write("--- generated/steps.nix\n# mine\n");
    assert_snapshot!(workspace.says(2, &["build"]), @r#"
    × WORKSPACE/generated/steps.nix was not written by rbn-plan: it has no
    │ `@generated by rbn-plan` in its first lines
    help: move it away, or name another file with --output
    "#);
    assert_eq!(workspace.read("generated/steps.nix"), "# mine\n");
}
