//! Built in Nix's sandbox for both architectures on this machine, and run.
//!
//! Needs what `tests/run.sh` installs on Debian: Nix, a Rust with both standard libraries, a cross
//! compiler, qemu. It says so by `RBN_CROSS`; without that nothing is built here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{AARCH64, X86_64, both, example, rbn_plan};

/// The distribution's Rust: it has a standard library for each architecture.
const RUSTC: &str = "/usr/bin/rustc";

/// What is missing for building, in words.
fn missing() -> Option<String> {
    if std::env::var_os("RBN_CROSS").is_none() {
        return Some(
            "RBN_CROSS is not set; tests/run.sh sets it after installing what is needed".to_owned(),
        );
    }
    let needed = ["nix", "aarch64-linux-gnu-gcc", "qemu-aarch64-static", "readelf"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there =
        |program: &&&str| std::env::split_paths(&path).any(|dir| dir.join(program).is_file());
    let lacking: Vec<&str> = needed.iter().filter(|p| !there(p)).copied().collect();
    assert!(lacking.is_empty(), "missing: {}; see tests/run.sh", lacking.join(", "));
    assert!(Path::new(RUSTC).is_file(), "missing: {RUSTC}; see tests/run.sh");
    None
}

fn nix_build(dir: &Path, attribute: &str) -> Vec<PathBuf> {
    let output = Command::new("nix")
        .args(["build", "--no-link", "--json", "-f", "generated/steps.nix", attribute])
        .current_dir(dir)
        .output()
        .expect("nix starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let built: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let built = built.as_array().expect("a list");
    let out = |one: &serde_json::Value| one["outputs"]["out"].as_str().map(PathBuf::from);
    built.iter().map(|one| out(one).expect("a path")).collect()
}

/// The machines of all objects below `path`, in readelf's words.
fn machines(path: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a readable folder");
            open.extend(entries.map(|entry| entry.expect("an entry").path()));
            continue;
        }
        let output = Command::new("readelf").arg("-h").arg(&path).output().expect("readelf starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix("Machine:"));
        found.extend(lines.map(|machine| machine.trim().to_owned()));
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn both_architectures_are_built_and_run() {
    if let Some(reason) = missing() {
        eprintln!("nothing built: {reason}");
        return;
    }
    let dir = example();
    let dir = dir.path();
    let rustc = Path::new(RUSTC);
    fs::create_dir(dir.join("generated")).expect("a writable folder");
    for (name, args) in [
        ("toolchain.nix", vec!["toolchain", "host"]),
        ("steps.nix", [vec!["--offline"], both()].concat()),
    ] {
        let output = rbn_plan(dir, &args, Some(rustc));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::write(dir.join("generated").join(name), output.stdout).expect("a writable folder");
    }
    let here = std::env::consts::ARCH;
    let helper = if here == "x86_64" { "on-x86" } else { "on-arm" };
    for (target, arch, machine, flags) in [
        (X86_64, "x86_64", "Advanced Micro Devices X86-64", "(true, false)"),
        (AARCH64, "aarch64", "AArch64", "(true, true)"),
    ] {
        let [run] = &nix_build(dir, &format!("run.{target}.app"))[..] else { panic!("one path") };
        let output = Command::new(run.join("bin/app")).output().expect("the program starts");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            format!("loud {helper} {arch} 42 quiet {arch} {flags}\n"),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        // The script's C object is below its OUT_DIR, the crate's below its library.
        for step in ["app-0.1.0:bin:app", "app-0.1.0:run", "shared-0.1.0"] {
            let made = nix_build(dir, &format!("steps.{target}.\"{step}\""));
            assert_eq!(machines(&made[0]), [machine], "{step} for {target}");
        }
    }
    for step in ["app-0.1.0:build-script", "mac-0.1.0", "shared-0.1.0"] {
        let made = nix_build(dir, &format!("steps.host.\"{step}\""));
        let own = if here == "x86_64" { "Advanced Micro Devices X86-64" } else { "AArch64" };
        assert_eq!(machines(&made[0]), [own], "{step} for the host");
    }
}
