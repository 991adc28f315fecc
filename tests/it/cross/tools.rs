//! The tools of targets: by which names they are looked for.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use rbn_plan::model::Triple;
use rbn_plan::toolchain::{is_other_architecture, prefixes};

use super::{AARCH64, PROGRAM, X86_64};
use crate::workspaces::workspace;

#[test]
fn a_compiler_is_looked_for_by_all_that_distributions_call_it() {
    let lines = [
        "aarch64-unknown-linux-gnu",
        "armv7-unknown-linux-gnueabihf",
        "thumbv7neon-unknown-linux-musleabihf",
        "i586-unknown-linux-gnu",
        "riscv64gc-unknown-linux-gnu",
        "s390x-unknown-linux-gnu",
        "x86_64-unknown-linux-musl",
        "wasm32-unknown-unknown",
        "thumbv8m.main-none-eabi",
    ];
    let host = Triple::new(X86_64).expect("a triple");
    let line = |text: &str| {
        let triple = Triple::new(text).expect("a triple");
        let foreign = if is_other_architecture(&triple, &host) { "needed" } else { "not needed" };
        format!("{}: {foreign}", prefixes(&triple).join(" "))
    };
    insta::assert_snapshot!(lines.map(line).join("\n"), @r"
    aarch64-unknown-linux-gnu aarch64-linux-gnu: needed
    armv7-unknown-linux-gnueabihf armv7-linux-gnueabihf arm-linux-gnueabihf: needed
    thumbv7neon-unknown-linux-musleabihf thumbv7neon-linux-musleabihf arm-linux-musleabihf: needed
    i586-unknown-linux-gnu i586-linux-gnu i686-linux-gnu: needed
    riscv64gc-unknown-linux-gnu riscv64gc-linux-gnu riscv64-linux-gnu: needed
    s390x-unknown-linux-gnu s390x-linux-gnu: needed
    x86_64-unknown-linux-musl x86_64-linux-musl: not needed
    wasm32-unknown-unknown wasm32-unknown: not needed
    thumbv8m.main-none-eabi thumbv8m.main-eabi arm-eabi: not needed
    ");
}

/// A machine with a rustc that has a standard library for each of `targets`, and `programs`, of
/// which `a -> b` is a link.
fn provider(targets: &[&str], programs: &[&str]) -> String {
    let mut files = Vec::new();
    let libraries: Vec<String> = targets
        .iter()
        .map(|target| format!("rust/lib/rustlib/{target}/lib/libcore-0.rlib"))
        .collect();
    files.extend(libraries.iter().map(|path| (path.as_str(), "")));
    let dir = workspace(&files);
    let place = dir.path().to_str().expect("a UTF-8 path");
    let rustc = format!(
        "#!/bin/sh\ncase $* in\n-vV) printf 'rustc 1.0.0\\nhost: {X86_64}\\n' ;;\n*) echo {place}/rust ;;\nesac\n"
    );
    let bin = dir.path().join("bin");
    fs::create_dir_all(&bin).expect("a writable folder");
    let put = |path: &Path, text: &str| {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
        fs::write(path, text).expect("a writable folder");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a file of our own");
    };
    put(&dir.path().join("rust/bin/rustc"), &rustc);
    for name in ["rustdoc", "cargo"] {
        put(&dir.path().join("rust/bin").join(name), "");
    }
    for name in programs.iter().chain(&["cc", "c++", "ar", "ld"]) {
        match name.split_once(" -> ") {
            Some((link, file)) => symlink(file, bin.join(link)).expect("a writable folder"),
            None => put(&bin.join(name), &format!("#!/bin/sh\necho {name} 1\n")),
        }
    }
    for name in ["bash", "mkdir", "tar", "gzip", "grep", "sort", "find", "env"] {
        let places = ["/usr/bin", "/bin"].map(|dir| Path::new(dir).join(name));
        let place = places.iter().find(|path| path.exists()).expect("a common program");
        symlink(place, bin.join(name)).expect("a writable folder");
    }
    let output = Command::new(PROGRAM)
        .args(["toolchain", "host"])
        .env("RUSTC", dir.path().join("rust/bin/rustc"))
        .env("PATH", &bin)
        .env("CARGO_HOME", dir.path().join("home"))
        .current_dir(dir.path())
        .output()
        .expect("rbn-plan starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.replace(place, "")
}

/// A section of a provider, without its frame.
fn section<'t>(text: &'t str, name: &str) -> &'t str {
    let rest = text.split(&format!("  {name} = {{\n")).nth(1).expect("the section");
    if rest.starts_with("  };\n") { "" } else { rest.split("\n  };\n").next().expect("its end") }
}

#[test]
fn variables_are_those_that_build_scripts_ask_for() {
    let targets = [X86_64, "armv7-unknown-linux-gnueabihf", "wasm32-unknown-unknown"];
    let programs = ["gcc", "g++", "ar", "ranlib", "pkg-config"];
    let mut programs: Vec<String> =
        programs.iter().map(|name| format!("arm-linux-gnueabihf-{name}")).collect();
    programs.push("qemu-arm".to_owned());
    let programs: Vec<&str> = programs.iter().map(String::as_str).collect();
    let text = provider(&targets, &programs);
    insta::assert_snapshot!(section(&text, "targetEnv"), @r#"
    armv7-unknown-linux-gnueabihf = {
      AR_armv7_unknown_linux_gnueabihf = "/bin/arm-linux-gnueabihf-ar";
      CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNUEABIHF_LINKER = "/bin/arm-linux-gnueabihf-gcc";
      CC_armv7_unknown_linux_gnueabihf = "/bin/arm-linux-gnueabihf-gcc";
      CXX_armv7_unknown_linux_gnueabihf = "/bin/arm-linux-gnueabihf-g++";
      HOST_AR = "/bin/ar";
      HOST_CC = "/bin/cc";
      HOST_CXX = "/bin/c++";
      PKG_CONFIG_armv7_unknown_linux_gnueabihf = "/bin/arm-linux-gnueabihf-pkg-config";
      RANLIB_armv7_unknown_linux_gnueabihf = "/bin/arm-linux-gnueabihf-ranlib";
      TARGET_AR = "/bin/arm-linux-gnueabihf-ar";
      TARGET_CC = "/bin/arm-linux-gnueabihf-gcc";
      TARGET_CXX = "/bin/arm-linux-gnueabihf-g++";
      TARGET_RANLIB = "/bin/arm-linux-gnueabihf-ranlib";
    };
    "#);
    insta::assert_snapshot!(section(&text, "linkers").trim(), @r#"armv7-unknown-linux-gnueabihf = "/bin/arm-linux-gnueabihf-gcc";"#);
    assert!(section(&text, "runners").contains("\"/bin/qemu-arm\""), "{text}");
    // Without a compiler nothing is claimed; without a library a target is none.
    let text = provider(&[X86_64, "armv7-unknown-linux-gnueabihf"], &[]);
    assert_eq!(section(&text, "targetEnv"), "");
    assert_eq!(section(&text, "linkers"), "");
}

/// Debian's pkgconf is one program for all architectures.
#[test]
fn a_program_that_serves_many_targets_is_called_by_the_name_of_one() {
    let programs = [
        "pkgconf",
        "ccache",
        "aarch64-linux-gnu-gcc-12",
        "aarch64-linux-gnu-gcc -> aarch64-linux-gnu-gcc-12",
        "aarch64-linux-gnu-g++ -> ccache",
        "aarch64-linux-gnu-pkg-config -> pkgconf",
    ];
    let text = provider(&[X86_64, AARCH64], &programs);
    let env = section(&text, "targetEnv");
    for line in [
        "CC_aarch64_unknown_linux_gnu = \"/bin/aarch64-linux-gnu-gcc-12\";",
        "CXX_aarch64_unknown_linux_gnu = \"/bin/aarch64-linux-gnu-g++\";",
        "PKG_CONFIG_aarch64_unknown_linux_gnu = \"/bin/aarch64-linux-gnu-pkg-config\";",
    ] {
        assert!(env.contains(line), "{line}: {env}");
    }
}

/// The providers may differ in what is called, not in what it is called by.
#[test]
fn both_providers_give_the_same_variables() {
    let programs = ["gcc", "g++", "ar", "ranlib", "pkg-config"];
    let programs: Vec<String> =
        programs.iter().map(|name| format!("aarch64-linux-gnu-{name}")).collect();
    let programs: Vec<&str> =
        programs.iter().map(String::as_str).chain(["ranlib", "g++"]).collect();
    let text = provider(&[X86_64, AARCH64], &programs);
    let names = section(&text, "targetEnv").lines().filter_map(|line| line.split_once(" = \""));
    let names: Vec<&str> = names.map(|(name, _)| name.trim()).collect();
    let dir = tempfile::tempdir().expect("a temporary directory");
    let text = Command::new(PROGRAM).args(["toolchain", "nixpkgs"]).output().expect("it starts");
    fs::write(dir.path().join("nixpkgs.nix"), text.stdout).expect("a writable folder");
    // No more of nixpkgs than is asked for.
    let pkgs = format!(
        r#"
        let
          set = prefix: triple: {{
            stdenv.cc = {{ outPath = "/${{prefix}}cc"; targetPrefix = prefix; }};
            stdenv.hostPlatform = {{ config = triple; rust.rustcTarget = triple; }};
          }};
          pkgs = set "" "{X86_64}" // {{ pkgsCross.aarch64-multiplatform = set "cross-" "{AARCH64}"; }};
          given = (import ./nixpkgs.nix {{ inherit pkgs; toolchain = "/rust"; }}).targetEnv.{AARCH64};
        in toString (map (name: "${{name}}=${{given.${{name}}}}") (builtins.attrNames given))"#
    );
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--expr", &pkgs])
        .current_dir(dir.path())
        .output();
    let Ok(output) = output else {
        eprintln!("nix-instantiate is not installed: nothing evaluated; see tests/run.sh");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).expect("text");
    let given: Vec<(&str, &str)> =
        said.trim().trim_matches('"').split(' ').filter_map(|one| one.split_once('=')).collect();
    // Beside those, nixpkgs' wrappers are told whom they work for.
    let own = |name: &&str| !name.starts_with("NIX_") && *name != "PKG_CONFIG_ALLOW_CROSS";
    let given_names: Vec<&str> = given.iter().map(|(name, _)| *name).filter(own).collect();
    assert_eq!(given_names, names);
    for (name, value) in given {
        if name.starts_with("HOST_") {
            assert!(value.starts_with("/cc/bin/"), "{name}={value}");
        } else if name.starts_with("TARGET_") {
            assert!(value.starts_with("/cross-cc/bin/cross-"), "{name}={value}");
        }
    }
}
