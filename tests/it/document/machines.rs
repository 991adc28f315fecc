//! Plans for several build machines, compared: each machine's steps are its own.

use insta::assert_snapshot;
use rbn_plan::model::Document;
use rbn_plan::plan;
use rbn_plan::plan_file::read;

use super::workspace::{SMALL, Workspace, host};

const BOTH: [&str; 4] = ["--system", "x86_64-linux", "--system", "aarch64-linux"];
const PLAN: &str = "generated/steps.nix";

/// This machine and the other one, in Nix's words.
fn machines() -> (&'static str, &'static str) {
    match host().starts_with("aarch64") {
        true => ("aarch64-linux", "x86_64-linux"),
        false => ("x86_64-linux", "aarch64-linux"),
    }
}

/// Every machine's plan is read back as it was printed.
#[test]
fn a_file_holds_the_plan_of_each_machine() {
    let workspace = Workspace::new(SMALL);
    workspace.says(0, &[&BOTH[..], &["-o", PLAN]].concat());
    let (plans, recipe) = read::read_all(&workspace.read(PLAN)).unwrap();
    assert_eq!(plans.len(), 2);
    let mut hosts = Vec::new();
    for mut one in plans {
        plan::identity::assign(&mut one).unwrap();
        let file = plan::document(&one, recipe.clone());
        let targets = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];
        let system = if file.host.starts_with("x86_64") { "x86_64-linux" } else { "aarch64-linux" };
        let args = [
            "--format", "json", "--system", system, "--target", targets[0], "--target", targets[1],
        ];
        let json = Document::read(&workspace.run(&args).stdout).unwrap();
        assert_eq!((&file.host, &file.steps), (&json.host, &json.steps));
        assert_eq!((&file.platforms, &file.roots), (&json.platforms, &json.roots));
        hosts.push(file.host);
    }
    assert_eq!(hosts, ["aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"]);
}

/// A machine that comes, or goes, rebuilds nothing here: by `diff`, `check` and `git` alike.
#[test]
fn a_machine_that_comes_is_no_rebuild() {
    let (own, other) = machines();
    let workspace = Workspace::new(SMALL);
    workspace.commit();
    let said = |text: String| text.replace(own, "OWN").replace(other, "OTHER");
    workspace.write("--- config.toml\n[build]\nsystems = [\"x86_64-linux\", \"aarch64-linux\"]\n");
    let diff = said(workspace.says(1, &["diff", "main"]));
    if host().starts_with("x86_64") {
        assert_snapshot!(diff, @r#"
        Build machines: +OTHER; what follows is for ARCH-linux
        Plan: 1 added, 0 changed, 0 removed; rebuilds 0 of 6 steps; builds 3 steps for
              the first time (aarch64 3)
          + aarch64-unknown-linux-gnu  new; a whole platform; 3 steps
        "#);
    }
    let check = said(workspace.says(1, &["check"]));
    assert!(check.contains(&diff), "{check}");
    // Targets that are named do not follow the machines.
    workspace.says(0, &["--target", &host(), "-o", "one.nix"]);
    let target = host();
    let one = [&["--target", &target, "-o", "two.nix"][..], &BOTH].concat();
    workspace.says(0, &one);
    workspace.says(0, &[&["--target", &host(), "--system", own, "-o", "one.nix"][..]].concat());
    assert_snapshot!(said(workspace.says(1, &["diff", "one.nix", "two.nix"])), @r#"
    Build machines: +OTHER; what follows is for ARCH-linux
    No step changes.
    "#);
    assert_snapshot!(said(workspace.says(1, &["diff", "two.nix", "one.nix"])), @r#"
    Build machines: -OTHER; what follows is for ARCH-linux
    No step changes.
    "#);
    assert_snapshot!(said(workspace.says(1, &["diff", "two.nix", "one.nix", "--format", "markdown"])), @r#"
    **Build machines:** -OTHER; what follows is for x86\_64-linux.

    No step changes.
    "#);
    // On another kind of machine every step is another derivation.
    workspace.says(0, &["--target", &host(), "--system", other, "-o", "other.nix"]);
    assert_snapshot!(said(workspace.says(1, &["diff", "one.nix", "other.nix"])), @r#"
    Build machines: +OTHER, -ARCH-linux; what follows is for OTHER
    Plan: 0 added, 2 changed, 0 removed; rebuilds 6 of 6 steps (host 3, ARCH 3)
      ~ host  cfg: ~CARGO_CFG_TARGET_ARCH ~CARGO_CFG_TARGET_FEATURE
              ~CARGO_CFG_TARGET_HAS_ATOMIC
      ~ plan  host: TARGET -> aarch64-unknown-linux-gnu; 6 steps
    "#);
}

/// What changed on all machines is told once, and what is another there, apart.
#[test]
fn machines_of_both_plans() {
    let (own, other) = machines();
    let workspace = Workspace::new(SMALL);
    let args = [&BOTH[..], &["--target", "aarch64-unknown-linux-gnu"]].concat();
    let plan = |file: &str| workspace.says(0, &[&args[..], &["-o", file]].concat());
    let said = |args: &[&str]| workspace.says(1, args).replace(own, "OWN").replace(other, "OTHER");
    plan("old.nix");
    workspace.write("--- config.toml\n[override.parser]\nenv = { A = \"1\" }\n");
    plan("new.nix");
    assert_snapshot!(said(&["diff", "old.nix", "new.nix"]), @r#"
    Plan: 0 added, 1 changed, 0 removed; rebuilds 4 of 6 steps (host 1, aarch64 3)
      ~ parser 0.3.1  override: environment +A; selected; 1 step follows
    On OTHER the same.
    "#);
    workspace.write("--- .cargo/config.toml\n[target.'cfg(all())']\nlinker = \"lld\"\n--- config.toml\n[build]\n");
    plan("linker.nix");
    assert_snapshot!(said(&["diff", "old.nix", "linker.nix"]), @r#"
    Plan: 0 added, 2 changed, 0 removed; rebuilds 6 of 6 steps (host 3, aarch64 3)
      ~ aarch64-unknown-linux-gnu  linker: default -> lld; 3 steps
      ~ host                       linker: default -> lld; 3 steps; 3 steps follow
    On OTHER the same.
    "#);
}

/// The other side of a revision's plan is the plan of the working tree, by its own header.
#[test]
fn the_header_that_counts_is_the_working_tree_s() {
    let workspace = Workspace::new(SMALL);
    workspace.commit();
    workspace.says(0, &["--features", "parser/fast", "-o", PLAN]);
    let first = workspace.says(1, &["diff", "main"]);
    assert_snapshot!(first, @r#"
    Selection: was `--profile=release`; is `--features=parser/fast
      --profile=release`
    Plan: 0 added, 1 changed, 0 removed; rebuilds 4 of 6 steps (host 1, ARCH 3)
      ~ parser 0.3.1  features: +fast; selected; 1 step follows
    "#);
    assert_snapshot!(workspace.says(1, &["diff", "main", "--format", "markdown"]), @r#"
    **Selection:** was `--profile=release`; is `--features=parser/fast --profile=release`.

    **Plan:** 0 added, 1 changed, 0 removed; rebuilds 4 of 6 steps (host 1, ARCH 3).

    | | what | why, and what follows |
    |---|---|---|
    | `~` | `parser 0.3.1` | features: +fast; selected; 1 step follows |
    "#);
    let json = workspace.run(&["diff", "main", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["selection"]["new"][0], "--features=parser/fast");
    assert_eq!(workspace.says(1, &["diff", "main", PLAN]), first);
    assert_eq!(workspace.says(0, &["diff", PLAN]), "No changes.\n");
    workspace.says(0, &["--profile", "dev", "-o", PLAN]);
    let said = workspace.says(1, &["diff", "main"]);
    assert!(said.starts_with("Selection: was `--profile=release`; is `--profile=dev`\n"), "{said}");
    assert!(said.contains("opt-level 3 -> 0"), "{said}");
    // Where only the words are others, nothing is built.
    workspace.git(&["commit", "-q", "-a", "-m", "x"]);
    workspace.says(0, &["--profile", "dev", "--workspace", "-o", PLAN]);
    assert_snapshot!(workspace.says(1, &["diff", "main"]), @r#"
    Selection: was `--profile=dev`; is `--workspace --profile=dev`
    No step changes.
    "#);
}
