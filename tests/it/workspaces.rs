//! Small workspaces, written into temporary directories.

use std::fs;

use tempfile::TempDir;

/// Writes files (path, text) into a fresh directory.
pub fn workspace(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (path, text) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a writable folder");
        fs::write(path, text).expect("a writable folder");
    }
    dir
}

/// A package with everything that Cargo treats specially: a script that reads another's metadata
/// and asks the compiler, a proc macro with a dependency of its own, a C library's name, a cdylib
/// that is also a lib, bins and all kinds of tests.
pub fn everything() -> TempDir {
    workspace(&[
        (
            "Cargo.toml",
            r#"
[workspace]
members = ["app", "mac", "sys", "shared"]
resolver = "2"
"#,
        ),
        (
            "app/Cargo.toml",
            r#"
[package]
name = "app"
version = "1.2.3"
edition = "2021"
description = "two\nlines with ${x} and \"quotes\""
[lib]
crate-type = ["lib", "cdylib"]
[features]
default = ["fast"]
fast = []
[dependencies]
mac = { path = "../mac" }
sys = { path = "../sys" }
shared = { path = "../shared" }
[build-dependencies]
shared = { path = "../shared" }
"#,
        ),
        ("app/src/lib.rs", "#[cfg(fancy)] pub fn f() -> u32 { shared::one() }\n"),
        ("app/src/main.rs", "fn main() { println!(\"{}\", app::f()) }\n"),
        ("app/src/bin/other-name.rs", "fn main() { println!(\"{}\", mac::two!()) }\n"),
        ("app/examples/ex.rs", "fn main() {}\n"),
        ("app/benches/be.rs", "fn main() {}\n"),
        ("app/tests/it.rs", "#[test] fn t() { assert_eq!(app::f(), 1) }\n"),
        (
            "app/build.rs",
            r#"
use std::process::Command;
fn main() {
    // What a plain build has: no wrapper, and nothing of the recorder's.
    for name in ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RBN_PLAN_RECORD"] {
        assert!(std::env::var_os(name).is_none(), "{name} is set");
    }
    let exe = std::env::args().next().unwrap();
    assert!(exe.ends_with("build-script-build"), "called as {exe}");
    // A probe of the compiler must get a real answer.
    let out = std::env::var("OUT_DIR").unwrap();
    let probe = |text: &str| {
        let file = format!("{out}/probe.rs");
        std::fs::write(&file, text).unwrap();
        Command::new(std::env::var("RUSTC").unwrap())
            .args(["--crate-name", "probe", "--crate-type", "lib", "--error-format=json"])
            .args(["--emit", "metadata", "--out-dir", &out, &file])
            .status()
            .unwrap()
            .success()
    };
    assert!(probe("pub fn ok() {}"));
    assert!(!probe("pub fn broken( {}"));
    println!("cargo:rustc-check-cfg=cfg(fancy)");
    println!("cargo:rustc-cfg=fancy");
    println!("cargo:rustc-env=MESSAGE=with spaces {}", std::env::var("DEP_NATIVE_PLACE").unwrap());
    assert_eq!(shared::one(), 1);
}
"#,
        ),
        (
            "mac/Cargo.toml",
            r#"
[package]
name = "mac"
version = "0.1.0"
edition = "2021"
[lib]
proc-macro = true
[dependencies]
shared = { path = "../shared" }
"#,
        ),
        (
            "mac/src/lib.rs",
            "#[proc_macro] pub fn two(_: proc_macro::TokenStream) -> proc_macro::TokenStream \
             { (shared::one() + 1).to_string().parse().unwrap() }\n",
        ),
        (
            "sys/Cargo.toml",
            r#"
[package]
name = "sys"
version = "0.1.0"
edition = "2021"
links = "native"
"#,
        ),
        ("sys/src/lib.rs", ""),
        (
            "sys/build.rs",
            "fn main() { println!(\"cargo::metadata=PLACE=somewhere\"); \
             println!(\"cargo::rustc-link-search=native={}\", std::env::var(\"OUT_DIR\").unwrap()); }\n",
        ),
        (
            "shared/Cargo.toml",
            "[package]\nname = \"shared\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
        ),
        ("shared/src/lib.rs", "pub fn one() -> u32 { 1 }\n"),
    ])
}

/// Settings from everywhere: lints by inheritance, profiles with overrides, rustflags and linkers
/// with `cfg()` tables, `[env]`, a build script whose place the configuration takes.
pub fn configured() -> TempDir {
    workspace(&[
        (
            "Cargo.toml",
            r###"[workspace]
members = ["m"]
[workspace.lints.rust]
unused = { level = "warn", priority = -1 }
dead_code = "allow"
[workspace.lints.clippy]
all = "warn"
[package]
name = "host"
version = "1.0.0-rc.1"
edition = "2021"
authors = ["A <a@b>", "B"]
description = """multi
line "q" ${x}"""
rust-version = "1.80"
[lints]
workspace = true
[features]
default = ["a"]
a = []
b = ["dep:sys"]
[dependencies]
sys = { path = "sys", optional = true }
m = { path = "m" }
[build-dependencies]
m = { path = "m", features = ["x"] }
[[test]]
name = "noharness"
path = "tests/noharness.rs"
harness = false
[profile.release]
lto = "thin"
panic = "abort"
codegen-units = 1
debug = "line-tables-only"
split-debuginfo = "packed"
[profile.fast]
inherits = "release"
opt-level = "s"
strip = "none"
lto = "off"
overflow-checks = true
[profile.fast.package.m]
opt-level = 3
[profile.fast.build-override]
opt-level = 1
"###,
        ),
        (
            ".cargo/config.toml",
            r###"[build]
rustflags = ["--cfg", "frombuild"]
[env]
PLAIN = "x y"
FORCED = { value = "z", force = true }
REL = { value = "some/dir", relative = true }
[target.'cfg(unix)']
rustflags = ["--cfg", "fromcfg", "-Ctarget-cpu=x86-64-v2"]
[target.x86_64-unknown-linux-gnu]
linker = "cc"
rustflags = ["--cfg=fromtriple"]
[target.x86_64-unknown-linux-gnu.zlib]
rustc-link-search = ["/usr/lib/z"]
rustc-link-lib = ["z"]
rustc-cfg = ["haszlib"]
rustc-env = {ZENV = "1"}
root = "/zroot"
"###,
        ),
        (
            "m/Cargo.toml",
            r###"[package]
name = "m"
version = "0.1.0"
edition = "2018"
[features]
x = []
[lib]
crate-type = ["rlib"]
"###,
        ),
        (
            "m/src/lib.rs",
            r###"pub fn f(){}
"###,
        ),
        (
            "sys/Cargo.toml",
            r###"[package]
name = "sys"
version = "0.1.0"
edition = "2021"
links = "zlib"
"###,
        ),
        (
            "sys/build.rs",
            r###"fn main(){ println!("cargo:rustc-link-lib=nothing"); }
"###,
        ),
        (
            "sys/src/lib.rs",
            r###"
"###,
        ),
        (
            "build.rs",
            r###"fn main(){ println!("cargo:rustc-cfg=own"); println!("cargo::rustc-check-cfg=cfg(own)"); m::f() }
"###,
        ),
        (
            "src/main.rs",
            r###"fn main(){}
"###,
        ),
        (
            "src/lib.rs",
            r###"
"###,
        ),
        (
            "tests/noharness.rs",
            r###"fn main(){}
"###,
        ),
        (
            "tests/t.rs",
            r###"
"###,
        ),
        (
            "examples/e.rs",
            r###"fn main(){}
"###,
        ),
    ])
}
