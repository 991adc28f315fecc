//! What Nix makes of it for each machine. Needs `nix-instantiate`; nothing is built.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{AARCH64, BOTH_TARGETS, X86_64, both, example, plan};

/// A toolchain for each machine, with nothing behind it.
pub(super) const TOOLCHAIN: &str = r#"{ system }:
{
  inherit system;
  host = { aarch64-linux = "aarch64-unknown-linux-gnu"; x86_64-linux = "x86_64-unknown-linux-gnu"; }.${system};
  shell = "/bin/sh";
  rustc = "/rustc";
  rustdoc = "/rustdoc";
  cargo = "/cargo";
  path = [ ];
  fingerprint = [ ];
  targets = [ "aarch64-unknown-linux-gnu" "x86_64-unknown-linux-gnu" ];
}
"#;

/// Evaluates an expression over `steps` (a function of `system`); `None` where Nix is missing.
pub(super) fn nix(dir: &Path, expression: &str) -> Option<Result<String, String>> {
    let whole = format!(
        "let steps = system: import ./generated/steps.nix {{ inherit system; toolchain = import ./toolchain.nix; }}; in {expression}"
    );
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--expr", &whole])
        .current_dir(dir)
        .output();
    let Ok(output) = output else {
        eprintln!("nix-instantiate is not installed: nothing evaluated; see tests/run.sh");
        return None;
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    Some(match output.status.success() {
        true => Ok(text(&output.stdout).trim_matches('"').to_owned()),
        false => Err(text(&output.stderr)),
    })
}

fn planned(args: &[&str], toolchain: &str) -> tempfile::TempDir {
    let dir = example();
    let text = plan(dir.path(), args, None);
    fs::create_dir(dir.path().join("generated")).expect("a writable folder");
    fs::write(dir.path().join("generated/steps.nix"), text).expect("a writable folder");
    fs::write(dir.path().join("toolchain.nix"), toolchain).expect("a writable folder");
    dir
}

#[test]
fn every_pair_of_machine_and_target_is_a_derivation() {
    let dir = planned(&both(), TOOLCHAIN);
    let mut paths = Vec::new();
    for system in ["x86_64-linux", "aarch64-linux"] {
        for target in [X86_64, AARCH64] {
            let app = format!("(steps \"{system}\").packages.{target}.app");
            let Some(path) = nix(dir.path(), &format!("{app}.drvPath")) else { return };
            paths.push(path.expect("it evaluates"));
            assert_eq!(nix(dir.path(), &format!("{app}.system")), Some(Ok(system.to_owned())));
        }
        let host = if system == "x86_64-linux" { X86_64 } else { AARCH64 };
        let native = nix(dir.path(), &format!("(steps \"{system}\").default.platform"));
        assert_eq!(native, Some(Ok(host.to_owned())));
        let script =
            format!("(steps \"{system}\").steps.{AARCH64}.\"app-0.1.0:run\".facts.of.host");
        assert_eq!(nix(dir.path(), &script), Some(Ok(host.to_owned())));
        let helpers = format!(
            "toString (builtins.filter (n: builtins.match \"helper.*\" n != null) (builtins.attrNames (steps \"{system}\").steps.host))"
        );
        let helper = if host == X86_64 { "helper-x86-0.1.0" } else { "helper-arm-0.1.0" };
        assert_eq!(nix(dir.path(), &helpers), Some(Ok(helper.to_owned())));
    }
    let all = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), all);
}

#[test]
fn a_machine_that_is_not_planned_is_refused_with_the_cure() {
    let dir = planned(&[&BOTH_TARGETS[..], &["--system", "x86_64-linux"]].concat(), TOOLCHAIN);
    let Some(result) = nix(dir.path(), "(steps \"aarch64-linux\").default.drvPath") else { return };
    let error = result.expect_err("it is not planned");
    let sentence = "this plan is for builds on x86_64-linux, not on aarch64-linux: plan with --system aarch64-linux too, or name it in config.toml: [build] systems";
    assert!(error.contains(sentence), "{error}");
}

#[test]
fn a_toolchain_of_another_machine_is_refused_with_the_cure() {
    let one = TOOLCHAIN.replace("{ system }:\n", "let system = \"x86_64-linux\"; in\n");
    let dir = planned(&both(), &one);
    let Some(result) = nix(dir.path(), "(steps \"aarch64-linux\").default.drvPath") else { return };
    let error = result.expect_err("it has no such toolchain");
    assert!(
        error.contains("this toolchain builds on x86_64-linux, not on aarch64-linux"),
        "{error}"
    );
    let own = nix(dir.path(), "(steps \"x86_64-linux\").default.system");
    assert_eq!(own, Some(Ok("x86_64-linux".to_owned())));
}

#[test]
fn a_target_without_a_standard_library_is_refused_with_the_cure() {
    let poor = TOOLCHAIN.replace("\"x86_64-unknown-linux-gnu\" ];", "];");
    let dir = planned(&both(), &poor);
    let app = format!("(steps \"aarch64-linux\").packages.{X86_64}.app.drvPath");
    let Some(result) = nix(dir.path(), &app) else { return };
    let error = result.expect_err("there is no std");
    for part in ["the toolchain of /rustc has no standard library for", X86_64, "rustup target add"]
    {
        assert!(error.contains(part), "{part}: {error}");
    }
    let other = format!("(steps \"aarch64-linux\").packages.{AARCH64}.app.system");
    assert_eq!(nix(dir.path(), &other), Some(Ok("aarch64-linux".to_owned())));
}

/// What Cargo or config.toml names is meant, but for a C compiler by its bare name: the toolchain
/// has one under another.
#[test]
fn a_linker_that_is_named_is_the_one_that_links() {
    let own = TOOLCHAIN.replace(
        "  path = [ ];",
        &format!("  path = [ ];\n  linkers.{AARCH64} = \"/opt/cross-cc\";"),
    );
    let cargo = |linker: &str| format!("[target.{AARCH64}]\nlinker = \"{linker}\"\n");
    for (file, linker, links) in [
        ("unused.toml", "clang", "/opt/cross-cc"),
        (".cargo/config.toml", "clang", "clang"),
        (".cargo/config.toml", "aarch64-linux-gnu-gcc", "/opt/cross-cc"),
        (".cargo/config.toml", "aarch64-linux-gnu-gcc-12", "aarch64-linux-gnu-gcc-12"),
        (".cargo/config.toml", "/usr/bin/aarch64-linux-gnu-gcc", "/usr/bin/aarch64-linux-gnu-gcc"),
        ("config.toml", "/usr/bin/mold", "/usr/bin/mold"),
        ("config.toml", "gcc", "/opt/cross-cc"),
    ] {
        let dir = example();
        fs::write(dir.path().join(file), cargo(linker)).expect("a writable folder");
        let text = plan(dir.path(), &both(), None);
        fs::create_dir(dir.path().join("generated")).expect("a writable folder");
        fs::write(dir.path().join("generated/steps.nix"), text).expect("a writable folder");
        fs::write(dir.path().join("toolchain.nix"), &own).expect("a writable folder");
        let argument = format!(
            "(steps \"x86_64-linux\").steps.{AARCH64}.\"app-0.1.0:bin:app\".facts.of.platform.linker"
        );
        let Some(found) = nix(dir.path(), &argument) else { return };
        assert_eq!(found, Ok(links.to_owned()), "{file}: {linker}");
    }
}

/// A cross compiler that comes to a machine, or moves, leaves the steps of all other targets as they are.
#[test]
fn what_a_further_target_needs_moves_its_own_steps_alone() {
    // A file beside the package is one that its script sees; those in generated/ are not.
    let further = "  path = [ ];\n  foreign = import ./generated/further.nix;";
    let dir = planned(&both(), &TOOLCHAIN.replace("  path = [ ];", further));
    let paths = |foreign: &str| -> Option<[String; 2]> {
        let text = format!("{{ {foreign} }}");
        fs::write(dir.path().join("generated/further.nix"), text).expect("a writable folder");
        let path = |target: &str| {
            let app = format!("(steps \"x86_64-linux\").packages.{target}.app.drvPath");
            Some(nix(dir.path(), &app)?.expect("it evaluates"))
        };
        Some([path(X86_64)?, path(AARCH64)?])
    };
    let Some([machine, further]) = paths("") else { return };
    let mut seen = vec![further];
    for needs in [
        "fingerprint = [ \"gcc 14\" ];",
        "compilerSeals.\"/std\" = \"3 entries, dd\";",
        "linkerSeals.\"/cc\" = \"7 bytes, ee\";",
    ] {
        let foreign = format!("{AARCH64} = {{ {needs} }};");
        let [this, further] = paths(&foreign).expect("Nix, as before");
        assert_eq!(this, machine, "{needs}");
        assert!(!seen.contains(&further), "{needs}");
        seen.push(further);
    }
}
