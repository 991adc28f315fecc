//! What the files of other platforms are called. Needs no standard library for them.

use std::fs;
use std::process::Command;

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
        let names =
            format!("toString (builtins.attrNames plan.packages.{target}.two-words.contents)");
        let Some(found) = evaluated(&dir, &names) else { return };
        assert_eq!(found, files, "{target}");
    }
    let programs = format!(
        "toString (map baseNameOf (builtins.attrValues plan.run.{WASM}.two-words.programs))"
    );
    assert_eq!(evaluated(&dir, &programs).as_deref(), Some("one.wasm the-other.wasm"));
}

/// rustc drops what a platform has not; a program may not be told to link it.
#[test]
fn a_library_is_linked_by_the_files_that_there_are() {
    let dir = planned(&[X86_64, MUSL, WASM]);
    for (target, files) in [(X86_64, 2), (MUSL, 1), (WASM, 1)] {
        let externs = format!(
            "toString (builtins.filter (a: builtins.match \"moving=.*\" a != null) plan.steps.{target}.\"two-words-0.1.0:bin:one\".argv)"
        );
        let Some(found) = evaluated(&dir, &externs) else { return };
        assert_eq!(found.split(' ').count(), files, "{target}: {found}");
        assert!(found.contains(".rlib"), "{target}: {found}");
    }
}

#[test]
fn names_are_stated_where_they_are_not_those_of_linux() {
    let dir = planned(&[X86_64, MUSL, WASM, MSVC]);
    let text = fs::read_to_string(dir.path().join("generated/steps.nix")).expect("the plan");
    let lines = text.lines().map(str::trim).filter(|line| line.starts_with("files."));
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
