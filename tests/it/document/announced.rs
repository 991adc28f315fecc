//! What `diff` announces is what Nix builds next: for any two plans, the steps whose derivation is
//! another, evaluated, are the steps that the difference says are built.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use rbn_plan::model::document::StepRef;
use rbn_plan::plan;
use rbn_plan::plan_file::read;
use rbn_plan::review::{Plans, Times, compare};

use super::workspace::{Workspace, host};

/// A workspace with a part of everything: all the states below are made of it.
const FILES: &str = r#"
--- Cargo.toml
[workspace]
members = ["app", "parser", "macros"]
exclude = ["extra", "extra2"]
resolver = "2"
--- app/Cargo.toml
[package]
name = "app"
version = "1.2.0"
edition = "2021"
[dependencies]
parser = { path = "../parser", features = ["json"] }
macros = { path = "../macros" }
--- app/src/main.rs
fn main() {}
--- app/src/bin/second.rs
fn main() {}
--- app/tests/it.rs
--- parser/Cargo.toml
[package]
name = "parser"
version = "0.3.1"
edition = "2021"
links = "parse"
[features]
default = ["std"]
std = []
json = []
fast = []
--- parser/build.rs
fn main() {}
--- parser/src/lib.rs
--- parser/data/table.txt
--- macros/Cargo.toml
[package]
name = "macros"
version = "0.1.0"
edition = "2021"
[lib]
proc-macro = true
--- macros/src/lib.rs
--- extra/Cargo.toml
[package]
name = "extra"
version = "4.0.0"
edition = "2021"
--- extra/src/lib.rs
--- extra2/Cargo.toml
[package]
name = "extra"
version = "5.0.0"
edition = "2021"
--- extra2/src/lib.rs
"#;

const APP: &str = "[package]\nname = \"app\"\nversion = \"1.2.0\"\nedition = \"2021\"\n";
const PARSER: &str = "[package]\nname = \"parser\"\nedition = \"2021\"\nlinks = \"parse\"\n";
const FEATURES: &str = "[features]\ndefault = [\"std\"]\nstd = []\njson = []\nfast = []\n";

/// Each state: what is written over the workspace, and how it is planned.
fn states() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let root = |more: &str| {
        format!(
            "--- Cargo.toml\n[workspace]\nmembers = [\"app\", \"parser\", \"macros\"]\nexclude = [\"extra\", \"extra2\"]\nresolver = \"2\"\n{more}\n"
        )
    };
    let app = |more: &str| format!("--- app/Cargo.toml\n{APP}{more}\n");
    let parser = |head: &str, tail: &str| {
        format!("--- parser/Cargo.toml\n{PARSER}{head}\n{FEATURES}{tail}\n")
    };
    let config = |text: &str| format!("--- config.toml\n{text}\n");
    let cargo = |text: &str| format!("--- .cargo/config.toml\n{text}\n");
    let dependencies = "[dependencies]\nparser = { path = \"../parser\" }\n";
    let none = String::new();
    vec![
        ("as it is", none.clone(), vec![]),
        ("a feature", none.clone(), vec!["--features", "parser/fast"]),
        ("one package", none.clone(), vec!["-p", "app"]),
        ("one program", none.clone(), vec!["-p", "app", "--bin", "app"]),
        ("the dev profile", none.clone(), vec!["--profile", "dev"]),
        ("tests", none.clone(), vec!["--tests"]),
        ("all targets", none.clone(), vec!["--all-targets", "--profile", "dev"]),
        ("checks", none.clone(), vec!["--mode", "check"]),
        (
            "two machines",
            none.clone(),
            vec!["--system", "x86_64-linux", "--system", "aarch64-linux"],
        ),
        (
            "two targets",
            none.clone(),
            vec!["--target", "x86_64-unknown-linux-gnu", "--target", "aarch64-unknown-linux-gnu"],
        ),
        ("another target", none.clone(), vec!["--target", "aarch64-unknown-linux-gnu"]),
        ("opt-level", root("[profile.release]\nopt-level = \"s\""), vec![]),
        ("debug", root("[profile.release]\ndebug = true"), vec![]),
        ("lto", root("[profile.release]\nlto = true\ncodegen-units = 1"), vec![]),
        ("thin lto", root("[profile.release]\nlto = \"thin\""), vec![]),
        ("lto off", root("[profile.release]\nlto = \"off\""), vec![]),
        ("panic", root("[profile.release]\npanic = \"abort\""), vec![]),
        ("of one package", root("[profile.release.package.parser]\nopt-level = 1"), vec![]),
        ("of scripts", root("[profile.release.build-override]\nopt-level = 2\ndebug = 1"), vec![]),
        ("no parser", app("[dependencies]\nmacros = { path = \"../macros\" }"), vec!["-p", "app"]),
        (
            "no json",
            app(
                "[dependencies]\nparser = { path = \"../parser\" }\nmacros = { path = \"../macros\" }",
            ),
            vec![],
        ),
        (
            "another name",
            app("[dependencies]\nother = { path = \"../parser\", package = \"parser\" }"),
            vec![],
        ),
        (
            "in the script",
            app("[build-dependencies]\nparser = { path = \"../parser\", features = [\"json\"] }\n"),
            vec![],
        ),
        ("a dependency", app(&format!("{dependencies}extra = {{ path = \"../extra\" }}")), vec![]),
        (
            "two versions",
            app(&format!(
                "{dependencies}extra = {{ path = \"../extra\" }}\nextra2 = {{ path = \"../extra2\", package = \"extra\" }}"
            )),
            vec![],
        ),
        ("its version", app(&format!("{dependencies}extra = {{ path = \"../extra2\" }}")), vec![]),
        ("a version", parser("version = \"0.3.2\"", ""), vec![]),
        ("a description", parser("version = \"0.3.1\"\ndescription = \"words\"", ""), vec![]),
        ("an author", parser("version = \"0.3.1\"\nauthors = [\"A <a@b>\"]", ""), vec![]),
        ("a licence", parser("version = \"0.3.1\"\nlicense = \"MIT\"", ""), vec![]),
        ("lints", parser("version = \"0.3.1\"", "[lints.rust]\nunused = \"allow\""), vec![]),
        ("a declared feature", parser("version = \"0.3.1\"", "new = []"), vec![]),
        (
            "crate types",
            parser("version = \"0.3.1\"", "[lib]\ncrate-type = [\"lib\", \"cdylib\"]"),
            vec![],
        ),
        ("an edition", parser("version = \"0.3.1\"", "[lib]\nedition = \"2018\""), vec![]),
        ("flags", cargo("[build]\nrustflags = [\"--cfg\", \"one\"]"), vec![]),
        (
            "a cpu",
            cargo("[build]\nrustflags = [\"-Ctarget-cpu=x86-64-v3\"]"),
            vec!["--target", "x86_64-unknown-linux-gnu"],
        ),
        ("host flags", cargo("[target.x86_64-unknown-linux-gnu]\nlinker = \"clang\""), vec![]),
        ("a runner", cargo("[target.x86_64-unknown-linux-gnu]\nrunner = \"qemu\""), vec![]),
        ("a variable", cargo("[env]\nLEVEL = \"3\""), vec![]),
        (
            "no script",
            cargo("[target.x86_64-unknown-linux-gnu.parse]\nrustc-cfg = [\"given\"]"),
            vec![],
        ),
        ("inputs", config("[override.parser]\nnative-inputs = [\"pkg-config\"]"), vec![]),
        ("an override's variable", config("[override.parser]\nenv = { A = \"1\" }"), vec![]),
        ("files", config("[override.parser]\nfiles = [\"parser/data/table.txt\"]"), vec![]),
        ("an override's flags", config("[override.app]\nrustflags = [\"--cfg=app\"]"), vec![]),
        ("a directory", none, vec!["-C", "parser"]),
    ]
}

/// Stands in for a toolchain: nothing is built.
const TOOLCHAIN: &str = r#"{ system ? "x86_64-linux" }: {
  inherit system;
  shell = "/shell"; rustc = "/rustc"; rustdoc = "/rustdoc"; cargo = "/cargo";
  path = [ ]; fingerprint = [ ];
  inputs = { pkg-config = "/pkg-config"; };
  fetchCrate = { name, version, ... }: "/crate/${name}-${version}";
  fetchGit = { name, ... }: "/git/${name}";
}"#;

/// The derivation of every step of a plan's file, on one machine.
fn derivations(file: &Path, src: &Path) -> BTreeMap<StepRef, String> {
    let tools = src.join("tools.nix");
    std::fs::write(&tools, TOOLCHAIN).unwrap();
    let expression = format!(
        "let plan = import {} {{ toolchain = import {}; src = {}; system = \"x86_64-linux\"; }}; in builtins.mapAttrs (_: builtins.mapAttrs (_: step: step.drvPath)) plan.steps",
        file.display(),
        tools.display(),
        src.display()
    );
    let done = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--json", "-E", &expression])
        .output()
        .expect("nix-instantiate is needed; ./tests/run.sh installs it");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{}: {said}", file.display());
    let steps: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_slice(&done.stdout).unwrap();
    let named = steps.into_iter().flat_map(|(platform, steps)| {
        steps
            .into_iter()
            .map(move |(step, drv)| (StepRef { platform: platform.clone(), step }, drv))
    });
    named.collect()
}

fn plans(text: &str) -> Plans {
    let (plans, recipe) = read::read_all(text).unwrap();
    Plans::new(plans.into_iter().map(|mut one| {
        plan::identity::assign(&mut one).unwrap();
        plan::document(&one, recipe.clone())
    }))
}

#[test]
fn what_nix_builds_next_is_what_was_announced() {
    if host() != "x86_64-unknown-linux-gnu" {
        eprintln!("the states are written for a machine of x86_64");
        return;
    }
    let workspace = Workspace::new(FILES);
    let lock = workspace.read("Cargo.lock");
    let files = ["Cargo.toml", "app/Cargo.toml", "parser/Cargo.toml"];
    let before = files.map(|file| workspace.read(file));
    let mut made = Vec::new();
    for (at, (name, written, args)) in states().into_iter().enumerate() {
        workspace.write(&written);
        workspace.cargo(&["generate-lockfile", "--offline"]);
        let file = format!("plans/{at}.nix");
        workspace.says(0, &[&args[..], &["-o", &file]].concat());
        for (file, text) in files.iter().zip(&before) {
            std::fs::write(workspace.file(file), text).unwrap();
        }
        std::fs::write(workspace.file("Cargo.lock"), &lock).unwrap();
        for config in ["config.toml", ".cargo/config.toml"] {
            let _ = std::fs::remove_file(workspace.file(config));
        }
        made.push((name, file));
    }
    // Every plan is evaluated with the same files: only plans differ.
    let read: Vec<_> = made
        .iter()
        .map(|(name, file)| {
            let derivations = derivations(&workspace.file(file), workspace.path());
            (name, plans(&workspace.read(file)), derivations)
        })
        .collect();
    let mut found = String::new();
    for (from, old, there) in &read {
        let there: BTreeSet<&String> = there.values().collect();
        for (to, new, wanted) in &read {
            let diff = compare(old, new, "x86_64-linux", &Times::default()).unwrap().unwrap();
            let announced: BTreeSet<&StepRef> = diff.rebuilds.iter().collect();
            let built: BTreeSet<&StepRef> = wanted
                .iter()
                .filter(|(_, drv)| !there.contains(drv))
                .map(|(step, _)| step)
                .collect();
            for step in built.difference(&announced) {
                let _ = writeln!(found, "{from} -> {to}: {step} is built, and was not announced");
            }
            for step in announced.difference(&built) {
                let _ = writeln!(found, "{from} -> {to}: {step} is announced, and not built");
            }
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

/// Where a plan lies, and which plans there are beside it, is no reason to build anything again: what `test` and
/// `clippy` plan below the target directory shares its steps with the committed plan.
#[test]
fn where_plans_lie_is_nothing_that_steps_see() {
    let workspace = Workspace::new(
        "--- Cargo.toml\n[package]\nname = \"app\"\nversion = \"1.2.0\"\nedition = \"2021\"\n\
         --- build.rs\nfn main() { std::fs::read_dir(\".\").unwrap(); }\n--- src/main.rs\nfn main() {}\n\
         --- nix/mine.nix\n{ }\n",
    );
    workspace.says(0, &["-o", "elsewhere/plan.nix"]);
    let src = workspace.path();
    let read = |file: &str| derivations(&workspace.file(file), src);
    // What is in one file is the same plan in any other: `tools.nix` is there from now on.
    let before = read("elsewhere/plan.nix");
    workspace.says(0, &["-o", "generated/steps.nix"]);
    workspace.write("--- generated/toolchain.nix\nimport ../tools.nix { }\n");
    workspace.says(0, &["-o", "generated/checks/test.nix", "--mode", "test"]);
    workspace.says(0, &["-o", "target/plans/steps.nix"]);
    for file in ["elsewhere/plan.nix", "generated/steps.nix", "target/plans/steps.nix"] {
        assert_eq!(read(file), before, "{file}");
    }
    // A file of somebody's is seen.
    workspace.write("--- nix/mine.nix\n{ a = 1; }\n");
    assert_ne!(read("generated/steps.nix"), before);
}

/// The link to what was built is not the project's, also where a macro's code names a thing that is called so.
#[test]
fn the_link_of_a_build_changes_no_plan() {
    let workspace = Workspace::new(
        "--- Cargo.toml\n[package]\nname = \"app\"\nversion = \"1.2.0\"\nedition = \"2021\"\n\
         [dependencies]\nmacros = { path = \"macros\" }\n--- src/main.rs\nfn main() {}\n\
         --- macros/Cargo.toml\n[package]\nname = \"macros\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[lib]\n\
         proc-macro = true\n--- macros/src/lib.rs\nfn read() { std::fs::read_to_string(\"result\").unwrap(); }\n",
    );
    workspace.says(0, &["-o", "before.nix"]);
    std::os::unix::fs::symlink("/nix/store", workspace.file("result")).unwrap();
    workspace.says(0, &["-o", "after.nix"]);
    assert_eq!(workspace.read("after.nix"), workspace.read("before.nix"));
}

/// A submodule has rules of its own, and those of the repository that it is a part of do not reach into it: what it
/// tracks is there, whatever the other ignores.
#[test]
fn a_submodule_has_rules_of_its_own() {
    let part = Workspace::new(
        "--- Cargo.toml\n[package]\nname = \"part\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
         --- src/lib.rs\npub mod build;\n--- src/build/mod.rs\n--- .gitignore\n*.tmp\n/generated\n",
    );
    part.commit();
    let workspace = Workspace::new(
        "--- Cargo.toml\n[package]\nname = \"app\"\nversion = \"1.2.0\"\nedition = \"2021\"\n\
         --- src/main.rs\nfn main() {}\n--- .gitignore\nbuild/\n",
    );
    workspace.commit();
    let from = part.path().to_str().unwrap();
    workspace.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        from,
        "third/part",
    ]);
    let manifest = format!(
        "{}[dependencies]\npart = {{ path = \"third/part\" }}\n",
        workspace.read("Cargo.toml")
    );
    workspace.write(&format!("--- Cargo.toml\n{manifest}"));
    workspace.cargo(&["generate-lockfile", "--offline"]);
    workspace.commit();
    let step = |name: &str| {
        let all = derivations(&workspace.file("generated/steps.nix"), workspace.path());
        let found = all.into_iter().find(|(step, _)| step.step == name);
        found.expect("a step of that name").1
    };
    let before = step("part-0.1.0");
    // What either ignores, where it says so.
    workspace.write("--- third/part/src/one.tmp\nx\n--- src/build/mine.rs\n");
    assert_eq!(step("part-0.1.0"), before);
    // What the submodule tracks.
    workspace.write("--- third/part/src/build/mod.rs\n// Changed.\n");
    assert_ne!(step("part-0.1.0"), before);
}
