//! What the files of other platforms are called. Needs no standard library for them.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use rbn_builder::argv;
use rbn_builder::json::Value;
use rbn_builder::note::Crate;
use rbn_builder::step::{Action, Step};
use rbn_plan::plan::facts;
use tempfile::TempDir;

use super::evaluated::{TOOLCHAIN, nix};
use super::{X86_64, plan, rbn_plan};
use crate::workspaces::workspace;

const WASM: &str = "wasm32-unknown-unknown";
const MUSL: &str = "x86_64-unknown-linux-musl";
const MSVC: &str = "x86_64-pc-windows-msvc";

/// Two programs and C libraries in one package, over a library of both kinds, for `targets`.
fn planned(targets: &[&str]) -> TempDir {
    let dir = workspace(&[
        (
            "Cargo.toml",
            "[package]\nname = \"two-words\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"rlib\", \"cdylib\", \"staticlib\"]\n[dependencies]\nmoving = { path = \"moving\" }\n",
        ),
        (
            "Cargo.lock",
            "version = 4\n[[package]]\nname = \"moving\"\nversion = \"0.1.0\"\n[[package]]\nname = \"two-words\"\nversion = \"0.1.0\"\ndependencies = [\"moving\"]\n",
        ),
        ("src/lib.rs", ""),
        (
            "moving/Cargo.toml",
            "[package]\nname = \"moving\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"rlib\", \"dylib\"]\n",
        ),
        ("moving/src/lib.rs", ""),
        ("src/bin/one.rs", "fn main() {}\n"),
        ("src/bin/the-other.rs", "fn main() {}\n"),
    ]);
    let targets: Vec<&str> = targets.iter().flat_map(|target| ["--target", target]).collect();
    let text = plan(dir.path(), &[&["--system", "x86_64-linux"], &targets[..]].concat(), None);
    fs::create_dir(dir.path().join("generated")).expect("a writable folder");
    fs::write(dir.path().join("generated/steps.nix"), text).expect("a writable folder");
    // Every target has a standard library there.
    let toolchain = TOOLCHAIN.lines().filter(|line| !line.trim().starts_with("targets ="));
    fs::write(dir.path().join("toolchain.nix"), toolchain.collect::<Vec<_>>().join("\n"))
        .expect("a writable folder");
    dir
}

fn evaluated(dir: &TempDir, expression: &str) -> Option<String> {
    let plan = format!("let plan = steps \"x86_64-linux\"; in {expression}");
    Some(nix(dir.path(), &plan)?.unwrap_or_else(|error| panic!("{error}")))
}

/// The JSON in a text that Nix printed.
fn unquoted(text: &str) -> Value {
    let Ok(Value::Text(json)) = Value::parse(&format!("\"{text}\"")) else { panic!("{text}") };
    Value::parse(&json).unwrap()
}

#[test]
fn a_package_holds_files_by_their_platforms_names() {
    let dir = planned(&[X86_64, MUSL, WASM, MSVC]);
    for (target, files) in [
        (X86_64, "bin/one bin/the-other lib/libtwo_words.a lib/libtwo_words.so"),
        // A static C library takes part in no dynamic one.
        (MUSL, "bin/one bin/the-other lib/libtwo_words.a"),
        (WASM, "bin/one.wasm bin/the-other.wasm lib/libtwo_words.a lib/two_words.wasm"),
        (MSVC, "bin/one.exe bin/the-other.exe lib/two_words.dll lib/two_words.lib"),
    ] {
        let facts = format!("builtins.toJSON plan.packages.{target}.two-words.facts");
        let Some(facts) = evaluated(&dir, &facts) else { return };
        let names = rbn_builder::collect::names(unquoted(&facts)).unwrap();
        assert_eq!(names.join(" "), files, "{target}");
    }
    let programs = format!(
        "toString (map baseNameOf (builtins.attrValues plan.run.{WASM}.two-words.facts.programs))"
    );
    assert_eq!(evaluated(&dir, &programs).as_deref(), Some("one.wasm the-other.wasm"));
}

/// The facts of all steps, by the paths of their outputs.
const STEPS: &str = "builtins.toJSON (builtins.listToAttrs (builtins.concatMap (group: map (step: {
    name = builtins.unsafeDiscardStringContext step.outPath; value = step.facts.of;
}) (builtins.attrValues group)) (builtins.attrValues plan.steps)))";

/// rustc drops what a platform has not; a program may not be told to link it.
#[test]
fn a_library_is_linked_by_the_files_that_there_are() {
    let dir = planned(&[X86_64, MUSL, WASM]);
    for (target, files) in [(X86_64, 2), (MUSL, 1), (WASM, 1)] {
        let Some(steps) = evaluated(&dir, STEPS) else { return };
        let Value::Object(steps) = unquoted(&steps) else { panic!("a table") };
        let steps: BTreeMap<String, Step> =
            steps.into_iter().map(|(path, of)| (path, Step::read(of).unwrap())).collect();
        let notes = facts::notes(&steps);
        let is_one = |step: &&Step| step.group == target && step.name == "two-words-0.1.0:bin:one";
        let one = steps.values().find(is_one).expect("the program's step");
        let Action::Compile(compile) = &one.action else { panic!("it is compiled") };
        let args = argv::rustc(one, compile, &Crate::default(), &notes, "$out");
        let found: Vec<&String> = args.iter().filter(|arg| arg.starts_with("moving=")).collect();
        assert_eq!(found.len(), files, "{target}: {found:?}");
        assert!(found[0].contains(".rlib"), "{target}: {found:?}");
    }
}

#[test]
fn names_are_stated_where_they_are_not_those_of_linux() {
    let dir = planned(&[X86_64, MUSL, WASM, MSVC]);
    let text = fs::read_to_string(dir.path().join("generated/steps.nix")).expect("the plan");
    let facts = text.lines().take_while(|line| !line.contains("--- The library"));
    let lines = facts.map(str::trim).filter(|line| line.starts_with("files."));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    files.bin = "NAME.wasm";
    files.dylib = "";
    files.cdylib = "NAME.wasm";
    files.bin = "NAME.exe";
    files.dylib = "NAME.dll";
    files.cdylib = "NAME.dll";
    files.staticlib = "NAME.lib";
    files.dylib = "";
    files.cdylib = "";
    "#);
    // What is written is read back.
    let same = rbn_plan(dir.path(), &["diff", "generated/steps.nix", "generated/steps.nix"], None);
    assert!(same.status.success(), "{}", String::from_utf8_lossy(&same.stderr));
}

/// What rustc says on stderr is part of its answer, the kept one too.
#[test]
fn a_target_without_dynamic_libraries_is_planned_twice() {
    let dir = planned(&[MUSL]);
    let cache = dir.path().join("cache");
    let words = ["--offline", "--target", MUSL, "--system", "x86_64-linux"];
    for _ in 0..2 {
        let output = Command::new(super::PROGRAM)
            .args(words)
            .env("XDG_CACHE_HOME", &cache)
            .current_dir(dir.path())
            .output()
            .expect("rbn-plan starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(cache.join("rbn-plan/rustc").is_dir());
    }
}

/// As Cargo refuses it.
#[test]
fn a_library_of_a_kind_that_a_platform_has_not_is_refused() {
    let dir = workspace(&[
        (
            "Cargo.toml",
            "[package]\nname = \"plugin\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n",
        ),
        ("Cargo.lock", "version = 4\n[[package]]\nname = \"plugin\"\nversion = \"0.1.0\"\n"),
        ("src/lib.rs", ""),
    ]);
    for program in ["cargo", super::PROGRAM] {
        let words: &[&str] = if program == "cargo" { &["build"] } else { &["plan"] };
        let output = Command::new(program)
            .args(words)
            .args(["--offline", "--target", MUSL])
            .current_dir(dir.path())
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{program}: {said}");
        for part in ["plugin", "cdylib", MUSL] {
            assert!(said.contains(part), "{program}: {said}");
        }
    }
}
