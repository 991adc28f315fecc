//! What around a workspace takes part in planning: variables of the environment, another Cargo at
//! work, a lock that does not fit. Each is said.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use insta::assert_snapshot;
use rbn_plan::cargo::variables::{Planned, taking_part};
use rbn_plan::model::Triple;
use tempfile::TempDir;

use crate::workspaces::workspace;

/// The variables that take part, of `set`, in a plan of `profile` for aarch64, made on x86_64.
fn take_part(profile: &str, set: &[&str]) -> String {
    let triple = |text: &str| Triple::new(text).unwrap();
    let inherits = BTreeMap::from([("dist".to_owned(), "release".to_owned())]);
    let planned = Planned {
        host: &triple("x86_64-unknown-linux-gnu"),
        targets: &[triple("aarch64-unknown-linux-gnu")],
        targets_left: true,
        profile,
        inherits: &inherits,
    };
    taking_part(&planned, |name| set.contains(&name)).join(" ")
}

#[test]
fn linkers_of_what_is_planned() {
    let set = [
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
        "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
        "CARGO_TARGET_RISCV64GC_UNKNOWN_LINUX_GNU_LINKER",
        "CARGO_TARGET_DIR",
    ];
    assert_snapshot!(take_part("release", &set), @"CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER");
}

#[test]
fn the_rustflags_that_win() {
    let all = [
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTFLAGS",
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
    ];
    assert_snapshot!(take_part("dev", &all), @"CARGO_ENCODED_RUSTFLAGS");
    assert_snapshot!(take_part("dev", &all[1..]), @"RUSTFLAGS");
    assert_snapshot!(take_part("dev", &all[2..]), @"CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUSTFLAGS");
    assert_snapshot!(take_part("dev", &all[3..]), @"CARGO_BUILD_RUSTFLAGS");
}

#[test]
fn settings_of_the_profile_and_of_those_it_inherits_from() {
    let set = [
        "CARGO_PROFILE_RELEASE_LTO",
        "CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_OPT_LEVEL",
        "CARGO_PROFILE_DIST_STRIP",
        "CARGO_PROFILE_DEV_DEBUG",
        "CARGO_PROFILE_RELEASE_INCREMENTAL",
    ];
    assert_snapshot!(take_part("dist", &set), @"CARGO_PROFILE_DIST_STRIP CARGO_PROFILE_RELEASE_BUILD_OVERRIDE_OPT_LEVEL CARGO_PROFILE_RELEASE_LTO");
    assert_snapshot!(take_part("test", &set), @"CARGO_PROFILE_DEV_DEBUG");
}

fn package() -> TempDir {
    let dir = workspace(&[
        ("Cargo.toml", "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
        ("src/main.rs", "fn main() {}\n"),
    ]);
    let done =
        Command::new("cargo").args(["generate-lockfile", "--offline"]).current_dir(&dir).output();
    assert!(done.unwrap().status.success());
    dir
}

/// The program in `dir`, with none of Cargo's settings in its environment.
pub(super) fn rbn_plan(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let settings = [
            "CARGO_BUILD_",
            "CARGO_PROFILE_",
            "CARGO_TARGET_",
            "CARGO_UNSTABLE_",
            "RUSTC_BOOTSTRAP",
            "RBN_PLAN_CONFIG",
        ];
        if settings.iter().any(|start| text.starts_with(start)) || text.ends_with("RUSTFLAGS") {
            command.env_remove(&name);
        }
    }
    command.current_dir(dir).env("NO_COLOR", "1");
    command
}

fn err(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

#[test]
fn variables_that_take_part_are_named() {
    let dir = package();
    let plain = rbn_plan(dir.path()).output().unwrap();
    assert!(plain.status.success(), "{}", err(&plain));
    assert_eq!(err(&plain), "");
    let done = rbn_plan(dir.path())
        .envs([("RUSTFLAGS", "-Cforce-frame-pointers=yes"), ("CARGO_PROFILE_RELEASE_LTO", "fat")])
        .env("CARGO_PROFILE_DEV_LTO", "fat")
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", err(&done));
    assert_snapshot!(err(&done), @"note: settings of the environment take part in this plan: CARGO_PROFILE_RELEASE_LTO, RUSTFLAGS (for everyone: .cargo/config.toml)");
    let plan = String::from_utf8(done.stdout).unwrap();
    assert!(plan.contains("-Cforce-frame-pointers=yes") && plan.contains("lto = \"run-fat\""));
}

/// A lock that does not fit is told from one that is missing; the `--locked` in Cargo's words is ours.
#[test]
fn what_to_do_about_a_lock() {
    let dir = package();
    let refused = |file: &str, text: &str| {
        std::fs::write(dir.path().join(file), text).unwrap();
        let done = rbn_plan(dir.path()).output().unwrap();
        assert_eq!(done.status.code(), Some(2));
        let said = err(&done).replace(dir.path().to_str().unwrap(), "DIR");
        assert!(!said.contains("--locked"), "{said}");
        // Where lines end depends on the directory's name.
        said.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
    };
    let other = "[package]\nname = \"one\"\nversion = \"0.2.0\"\nedition = \"2024\"\n";
    assert_snapshot!(refused("Cargo.toml", other), @"× DIR/Cargo.lock is out of date: the manifests want something else help: run `cargo update --workspace` (what still fits stays; `cargo generate-lockfile` takes the newest of everything), commit Cargo.lock, and plan again");
    std::fs::remove_file(dir.path().join("Cargo.lock")).unwrap();
    assert_snapshot!(refused("Cargo.toml", other), @"× there is no Cargo.lock in DIR help: run `cargo generate-lockfile` there and commit the result: a plan is made from locked versions");
}

/// Planning waits for a Cargo that holds the package cache, and says so while it waits. Its own two
/// calls wait for each other, too, which is nobody's business.
#[test]
fn waiting_for_another_cargo_is_said() {
    let dir = package();
    let home = TempDir::new().unwrap();
    let lock = File::create(home.path().join(".package-cache")).unwrap();
    lock.lock().unwrap();
    let mut child = rbn_plan(dir.path())
        .env("CARGO_HOME", home.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "note: another Cargo holds the package cache; waiting for it");
    lock.unlock().unwrap();
    line.clear();
    stderr.read_to_string(&mut line).unwrap();
    assert_eq!(line, "");
    assert!(child.wait().unwrap().success());
}
