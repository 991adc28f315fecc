//! Several targets and several build machines in one plan.

mod built;
mod evaluated;
mod files;
mod planned;
mod tools;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::workspaces::workspace;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rbn-plan");
const X86_64: &str = "x86_64-unknown-linux-gnu";
const AARCH64: &str = "aarch64-unknown-linux-gnu";

/// A program with everything that host and target may confuse: a proc macro, a build script with
/// C code, build-dependencies by architecture, and a crate that both sides use with other features.
fn example() -> TempDir {
    let helper = |name: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
    };
    let (x86, arm) = (helper("helper-x86"), helper("helper-arm"));
    let dir = workspace(&[
        (
            "Cargo.toml",
            r#"
[workspace]
resolver = "3"
[package]
name = "app"
version = "0.1.0"
edition = "2024"
[dependencies]
mac = { path = "mac" }
shared = { path = "shared" }
[build-dependencies]
shared = { path = "shared", features = ["loud"] }
[target.'cfg(target_arch = "x86_64")'.build-dependencies]
helper-x86 = { path = "helper-x86" }
[target.'cfg(target_arch = "aarch64")'.build-dependencies]
helper-arm = { path = "helper-arm" }
"#,
        ),
        (
            ".cargo/config.toml",
            "[target.'cfg(unix)']\nrustflags = [\"--cfg\", \"only_on_targets\"]\n[target.'cfg(target_arch = \"aarch64\")']\nrustflags = [\"--cfg\", \"only_on_arm\"]\n",
        ),
        ("part.c", "int part(void) { return 41; }\n"),
        ("generator.c", "int main(void) { return 7; }\n"),
        (
            "build.rs",
            r#"
use std::{env, path::Path, process::Command};
fn main() {
    #[cfg(only_on_targets)]
    compile_error!("a target's flag on the host");
    #[cfg(target_arch = "x86_64")]
    let helper = helper_x86::NAME;
    #[cfg(target_arch = "aarch64")]
    let helper = helper_arm::NAME;
    let var = |name: &str| env::var(name).unwrap();
    let (target, out) = (var("TARGET"), var("OUT_DIR"));
    // What runs while building is compiled by the machine's own compiler.
    let own = env::var("HOST_CC").unwrap_or_else(|_| "cc".to_string());
    let generator = Path::new(&out).join("generator");
    let done = Command::new(own).args(["generator.c", "-o"]).arg(&generator).status();
    assert!(done.unwrap().success());
    assert_eq!(Command::new(&generator).status().unwrap().code(), Some(7));
    std::fs::remove_file(&generator).unwrap();
    // Each tool of a foreign target by all names that scripts ask for; none for the machine itself.
    for name in ["CC", "AR", "RANLIB"] {
        let by_kind = env::var(format!("TARGET_{name}")).ok();
        let by_target = env::var(format!("{name}_{}", target.replace('-', "_"))).ok();
        assert_eq!(by_kind, by_target);
        assert_eq!(by_kind.is_some(), target != var("HOST"), "{name}");
    }
    assert_eq!(env::var_os("RUSTC_LINKER").is_some(), target != var("HOST"));
    // As the cc crate looks for its tools.
    let tool = |variable: &str, usual: &str| {
        let by_target = env::var(format!("{variable}_{}", target.replace('-', "_")));
        by_target.unwrap_or_else(|_| usual.to_string())
    };
    let object = Path::new(&out).join("part.o");
    let done = Command::new(tool("CC", "cc")).args(["-c", "part.c", "-o"]).arg(&object).status();
    assert!(done.unwrap().success());
    let library = Path::new(&out).join("libpart.a");
    let done = Command::new(tool("AR", "ar")).arg("crs").args([&library, &object]).status();
    assert!(done.unwrap().success());
    println!("cargo::rustc-link-search=native={out}");
    println!("cargo::rustc-link-lib=static=part");
    println!("cargo::rustc-env=BUILT={} {helper} {}", shared::voice(), var("CARGO_CFG_TARGET_ARCH"));
}
"#,
        ),
        (
            "src/main.rs",
            r#"
unsafe extern "C" { fn part() -> i32; }
fn main() {
    // A thread, because that needs more of the target's C library than printing does.
    let sum = std::thread::spawn(|| unsafe { part() } + mac::one!()).join().unwrap();
    let flags = (cfg!(only_on_targets), cfg!(only_on_arm));
    println!("{} {sum} {} {} {flags:?}", env!("BUILT"), shared::voice(), std::env::consts::ARCH);
}
"#,
        ),
        (
            "mac/Cargo.toml",
            "[package]\nname = \"mac\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\nproc-macro = true\n",
        ),
        (
            "mac/src/lib.rs",
            "#[cfg(only_on_targets)] compile_error!(\"a target's flag on the host\");\nuse proc_macro::TokenStream;\n#[proc_macro] pub fn one(_: TokenStream) -> TokenStream { \"1\".parse().unwrap() }\n",
        ),
        (
            "shared/Cargo.toml",
            "[package]\nname = \"shared\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[features]\nloud = []\n",
        ),
        (
            "shared/src/lib.rs",
            "pub fn voice() -> &'static str { if cfg!(feature = \"loud\") { \"loud\" } else { \"quiet\" } }\n",
        ),
        ("helper-x86/Cargo.toml", &x86),
        ("helper-x86/src/lib.rs", "pub const NAME: &str = \"on-x86\";\n"),
        ("helper-arm/Cargo.toml", &arm),
        ("helper-arm/src/lib.rs", "pub const NAME: &str = \"on-arm\";\n"),
    ]);
    let locked = Command::new("cargo")
        .args(["generate-lockfile", "--offline"])
        .current_dir(dir.path())
        .status();
    assert!(locked.expect("cargo starts").success());
    dir
}

/// A compiler that says that it runs on `host`, whatever this machine is.
fn rustc_on(host: &str, dir: &Path) -> PathBuf {
    let real = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let path = dir.join(format!("rustc-on-{host}"));
    let text = format!(
        "#!/bin/sh\nRBN_PLAN_INTERNAL_RUSTC='{real}' RBN_PLAN_INTERNAL_RUSTC_HOST={host} exec '{PROGRAM}' \"$@\"\n"
    );
    fs::write(&path, text).expect("a writable folder");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a file of our own");
    path
}

fn rbn_plan(dir: &Path, args: &[&str], rustc: Option<&Path>) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(args).current_dir(dir);
    if let Some(rustc) = rustc {
        command.env("RUSTC", rustc);
    }
    command.output().expect("rbn-plan starts")
}

/// The plan that rbn-plan prints.
fn plan(dir: &Path, args: &[&str], rustc: Option<&Path>) -> String {
    let output = rbn_plan(dir, &[&["--offline"], args].concat(), rustc);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("a plan is text")
}

const BOTH_TARGETS: [&str; 4] = ["--target", X86_64, "--target", AARCH64];
const BOTH_SYSTEMS: [&str; 4] = ["--system", "x86_64-linux", "--system", "aarch64-linux"];

fn both() -> Vec<&'static str> {
    [BOTH_TARGETS, BOTH_SYSTEMS].concat()
}
