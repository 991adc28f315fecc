//! What only a nightly Cargo has: planned as it runs it, or refused by name.
//!
//! `RUSTC_BOOTSTRAP` lets a stable Cargo take it, too.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::workspaces::workspace;

const DEP: &str = "[package]\nname = \"dep\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

/// A program with a build script that has a library as its dependency, by this manifest.
fn program(manifest: &str, more: &[(&str, &str)]) -> TempDir {
    let lock = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"dep\",\n]\n[[package]]\nname = \"dep\"\nversion = \"0.1.0\"\n";
    let own = [
        ("Cargo.toml", manifest),
        ("Cargo.lock", lock),
        ("src/main.rs", "fn main() {}\n"),
        ("src/lib.rs", ""),
        ("build.rs", "fn main() {}\n"),
        ("dep/Cargo.toml", DEP),
        ("dep/src/lib.rs", ""),
        ("home/keep", ""),
    ];
    workspace(&[&own[..], more].concat())
}

/// The manifest, with `features` of Cargo's, the dependency's `details`, and what else it has.
fn manifest(features: &str, details: &str, more: &str) -> String {
    let features = match features {
        "" => String::new(),
        name => format!("cargo-features = [\"{name}\"]\n"),
    };
    format!(
        "{features}[workspace]\nmembers = [\"dep\"]\n[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\ndep = {{ path = \"dep\"{details} }}\n{more}"
    )
}

fn rbn_plan(dir: &TempDir, words: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = super::surroundings::rbn_plan(dir.path());
    command.env("RUSTC_BOOTSTRAP", "1");
    command.env("CARGO_HOME", dir.path().join("home")).args(words).arg("--offline");
    command.envs(variables.iter().copied()).output().unwrap()
}

fn said(done: &Output) -> String {
    let texts = [&done.stdout, &done.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    texts.concat().split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

/// Holds that what Cargo runs is what is planned.
fn equal(dir: &TempDir, words: &[&str], variables: &[(&str, &str)]) {
    let words = [&["verify", "--no-nix"][..], words].concat();
    let done = rbn_plan(dir, &words, variables);
    assert!(done.status.success(), "{words:?} {variables:?}: {}", said(&done));
}

/// Holds that nothing is planned, for a reason with all these words.
fn refused(dir: &TempDir, words: &[&str], variables: &[(&str, &str)], reason: &[&str]) {
    let done = rbn_plan(dir, words, variables);
    let text = said(&done);
    assert_eq!(done.status.code(), Some(2), "{text}");
    assert!(done.stdout.is_empty(), "{text}");
    for word in reason {
        assert!(text.contains(word), "no `{word}` in: {text}");
    }
}

#[test]
fn private_dependencies() {
    let plan = |dir: &TempDir, words: &[&str], variables: &[(&str, &str)]| {
        let done = rbn_plan(dir, words, variables);
        assert!(done.status.success(), "{}", said(&done));
        String::from_utf8(done.stdout).unwrap()
    };
    let own = program(&manifest("public-dependency", ", public = false", ""), &[]);
    equal(&own, &[], &[]);
    assert!(plan(&own, &[], &[]).contains("\"priv:dep\""));
    let plain = program(&manifest("", "", ""), &[]);
    assert!(!plan(&plain, &[], &[]).contains("priv:"));
    let table = [(".cargo/config.toml", "unstable.public-dependency = true\n")];
    let table = program(&manifest("", "", ""), &table);
    let variable = [("CARGO_UNSTABLE_PUBLIC_DEPENDENCY", "true")];
    let flag = ["-Zpublic-dependency"];
    let ways = [(&plain, &flag[..], &[][..]), (&table, &[], &[]), (&plain, &[], &variable)];
    for (dir, words, variables) in ways {
        equal(dir, words, variables);
        assert!(plan(dir, words, variables).contains("\"priv:dep\""), "{words:?} {variables:?}");
    }
}

#[test]
fn what_changes_no_command_and_what_cargo_alone_hears() {
    let dir = program(&manifest("", "", ""), &[]);
    for flags in [
        &["-Zno-embed-metadata"][..],
        &["-Zbinary-dep-depinfo", "-Zchecksum-freshness"],
        &["-Zpanic-abort-tests", "--all-targets", "--config=profile.release.panic='abort'"],
        &["-Zhost-config", "-Ztarget-applies-to-host"],
        &["-Zsbom"],
    ] {
        equal(&dir, flags, &[]);
    }
    equal(&dir, &[], &[("CARGO_UNSTABLE_BUILD_DIR_NEW_LAYOUT", "true")]);
}

#[test]
fn what_no_plan_has() {
    let dir = program(&manifest("", "", ""), &[]);
    refused(&dir, &["-Zany-build-script-metadata"], &[], &["`-Z any-build-script-metadata`"]);
    refused(&dir, &["-Zprofile-hint-mostly-unused"], &[], &["leave it out"]);
    let lists = [("CARGO_UNSTABLE_SBOM", "true"), ("CARGO_BUILD_SBOM", "true")];
    refused(&dir, &[], &lists, &["`-Z sbom`", "list of components"]);
    let host = ["-Zhost-config", "-Ztarget-applies-to-host", "--config=host.linker='cc'"];
    refused(&dir, &host, &[], &["`-Z host-config`", "table `host`"]);
    let std = ["-Zbuild-std", "--target=x86_64-unknown-linux-gnu"];
    refused(&dir, &std, &[], &["build-std", "leave"]);
    refused(&dir, &["--target=own.json"], &[], &["`own.json` is a custom target specification"]);
    let with = |features: &str, more: &str| program(&manifest(features, "", more), &[]);
    let named = "[[bin]]\nname = \"app\"\npath = \"src/main.rs\"\nfilename = \"007\"\n";
    let named = with("different-binary-name", named);
    refused(&named, &[], &[], &["bin `app` of app 0.1.0", "`filename = \"007\"`"]);
    let trimmed = with("trim-paths", "[profile.release]\ntrim-paths = \"all\"\n");
    refused(&trimmed, &[], &[], &["`app`", "`trim-paths`"]);
    let other = with("codegen-backend", "[profile.release]\ncodegen-backend = \"cranelift\"\n");
    refused(&other, &[], &[], &["`app`", "`cranelift`"]);
}

#[test]
fn several_build_scripts() {
    let text = manifest("multiple-build-scripts", "", "");
    let text =
        text.replace("[dependencies]", "build = [\"build.rs\", \"other.rs\"]\n[dependencies]");
    let dir = program(&text, &[("other.rs", "fn main() {}\n")]);
    refused(&dir, &[], &[], &["of app 0.1.0", "`build-script-other`", "one build script"]);
}

#[test]
fn a_build_script_that_cargo_writes() {
    let text = manifest("metabuild", "", "");
    let text = text.replace("[dependencies]", "metabuild = [\"dep\"]\n[build-dependencies]");
    let dir = program(&text, &[("dep/src/lib.rs", "pub fn metabuild() {}\n")]);
    fs::remove_file(dir.path().join("build.rs")).unwrap();
    refused(&dir, &[], &[], &["of app 0.1.0", "`metabuild`", "write the build script"]);
}

/// A name with `::` has no options before a colon.
#[test]
fn names_in_a_namespace() {
    let text = manifest("open-namespaces", "", "");
    let text = text.replace("\ndep = { path", "\n\"own::dep\" = { path");
    let dep = DEP.replace("\"dep\"", "\"own::dep\"");
    let dep = format!("cargo-features = [\"open-namespaces\"]\n{dep}");
    let lock = "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\n \"own::dep\",\n]\n[[package]]\nname = \"own::dep\"\nversion = \"0.1.0\"\n";
    let dir = program(&text, &[("dep/Cargo.toml", &dep), ("Cargo.lock", lock)]);
    equal(&dir, &[], &[]);
}

#[test]
fn artifact_dependencies() {
    let kinds = "[lib]\ncrate-type = [\"rlib\", \"staticlib\", \"cdylib\"]\n";
    for artifact in ["bin", "staticlib", "cdylib"] {
        let details = format!(", artifact = \"{artifact}\"");
        let library = format!("{details}, lib = true");
        for (details, is_script) in [(&details, false), (&library, false), (&details, true)] {
            let mut text = manifest("", details, "");
            if is_script {
                text = text.replace("[dependencies]", "[build-dependencies]");
            }
            let dep = format!("{DEP}{kinds}");
            let files = [("dep/Cargo.toml", dep.as_str()), ("dep/src/main.rs", "fn main() {}\n")];
            let dir = program(&text, &files);
            refused(&dir, &["-Zbindeps"], &[], &["artifact dependency", "`dep` of dep 0.1.0"]);
        }
    }
}

/// A stable Cargo passes over the variables in a build: so does planning.
#[test]
fn variables_that_a_stable_cargo_passes_over() {
    let version = Command::new("cargo").arg("-V").output().unwrap().stdout;
    if String::from_utf8_lossy(&version).contains("-nightly") {
        eprintln!("cargo is a nightly: nothing tried");
        return;
    }
    let dir = program(&manifest("", "", ""), &[]);
    let plan = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command.current_dir(dir.path()).env_remove("RUSTC_BOOTSTRAP").args(["--offline"]);
        let done = command.envs(variables.iter().copied()).output().unwrap();
        assert!(done.status.success(), "{}", said(&done));
        done.stdout
    };
    let plain = plan(&[]);
    let all = [
        ("CARGO_UNSTABLE_BUILD_STD", "std"),
        ("CARGO_UNSTABLE_PUBLIC_DEPENDENCY", "true"),
        ("CARGO_UNSTABLE_SBOM", "true"),
    ];
    assert!(plain == plan(&all));
    fs::create_dir_all(dir.path().join(".cargo")).unwrap();
    fs::write(dir.path().join(".cargo/config.toml"), "unstable.public-dependency = true\n")
        .unwrap();
    assert!(plain == plan(&all));
}
