//! The compiler's own build, of a tree that has no more of it than planning asks for.

use std::fs;
use std::process::Command;

use super::screen::Screen;

/// A compiler of two crates, and a library of two.
const TREE: &str = r#"
--- Cargo.toml
[workspace]
members = ["compiler/rustc"]
exclude = ["library"]
resolver = "2"
--- compiler/rustc/Cargo.toml
[package]
name = "rustc-main"
version = "0.0.0"
edition = "2024"
[features]
llvm = []
max_level_info = []
[dependencies]
rustc_driver = { path = "../rustc_driver" }
--- compiler/rustc/src/main.rs
fn main() {}
--- compiler/rustc_driver/Cargo.toml
[package]
name = "rustc_driver"
version = "0.0.0"
edition = "2024"
[lib]
crate-type = ["dylib"]
--- compiler/rustc_driver/src/lib.rs
--- library/Cargo.toml
[workspace]
members = ["sysroot"]
resolver = "2"
[profile.dist]
inherits = "release"
--- library/sysroot/Cargo.toml
[package]
name = "sysroot"
version = "0.0.0"
edition = "2024"
[features]
backtrace = []
panic-unwind = []
[dependencies]
core = { path = "../core" }
--- library/sysroot/src/lib.rs
--- library/core/Cargo.toml
[package]
name = "core"
version = "0.0.0"
edition = "2024"
--- library/core/src/lib.rs
--- src/version
1.96.0
--- src/ci/channel
stable
--- src/bootstrap/src/utils/proc_macro_deps.rs
pub static CRATES: &[&str] = &[
    "quote",
];
"#;

fn tree() -> Screen {
    let screen = Screen::of(TREE);
    let manifest = ["--manifest-path", "library/Cargo.toml"];
    screen.workspace.cargo(&[&["generate-lockfile", "--offline"], &manifest[..]].concat());
    let said = Command::new("rustc").arg("-vV").output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let version = said.lines().find_map(|line| line.strip_prefix("release: ")).unwrap();
    // What begins is this machine's compiler, whatever it is.
    screen.workspace.write(&format!("--- src/stage0\ncompiler_version={version}\n"));
    screen.program(
        "llvm-config",
        "#!/bin/sh\ncase $1 in --version) echo 22.1.0 ;; *) echo /usr/lib/llvm ;; esac\n",
    );
    let (host, dir) =
        (crate::document::workspace::host(), screen.workspace.path().display().to_string());
    screen.workspace.write(&format!(
        "--- bootstrap.toml\nchange-id = \"ignore\"\n[build]\noptimized-compiler-builtins = false\n[rust]\nchannel = \"stable\"\n[target.{host}]\nllvm-config = \"{dir}/bin/llvm-config\"\n"
    ));
    screen
}

#[test]
fn the_compiler() {
    let screen = tree();
    screen.is("bootstrap-check-none", 1, &["bootstrap", "check"]);
    screen.is("bootstrap", 0, &["bootstrap"]);
    screen.is("bootstrap-plan", 0, &["bootstrap", "plan"]);
    screen.is("bootstrap-check", 0, &["bootstrap", "check"]);
    screen.workspace.git(&["add", "-A"]);
    screen.workspace.git(&["commit", "-q", "-m", "x"]);
    screen.is("bootstrap-explain", 0, &["bootstrap", "explain", "core"]);
    screen.is("bootstrap-graph", 0, &["bootstrap", "graph", "dot", "--mode", "library"]);
    screen.is("bootstrap-diff-none", 0, &["bootstrap", "diff"]);
    let manifest = screen.workspace.read("library/core/Cargo.toml");
    let manifest = format!("{manifest}[features]\ndefault = [\"fast\"]\nfast = []\n");
    fs::write(screen.workspace.file("library/core/Cargo.toml"), manifest).unwrap();
    screen.is("bootstrap-check-stale", 1, &["bootstrap", "check"]);
    screen.is("bootstrap-diff", 1, &["bootstrap", "diff"]);
}

#[test]
fn what_is_no_compiler() {
    Screen::new().is("bootstrap-no-tree", 2, &["bootstrap"]);
    let screen = tree();
    screen.workspace.write("--- x.py\nraise SystemExit('error: this tree is not whole')\n");
    screen.is("bootstrap-verify-fails", 2, &["bootstrap", "verify"]);
}
