//! What build scripts say, and what it does: Cargo is the oracle.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use camino::Utf8Path;
use proptest::strategy::{Strategy, ValueTree as _};
use rbn_builder::effects::{LinkedAs, Script, Unit, dep_env, effects, envify};
use rbn_builder::protocol::{
    Directives, ScriptPackage, Severity, bootstrap_allowed, is_inside, parse,
};
use rbn_plan::verify::record::{Options, Selection, record};

fn package() -> ScriptPackage {
    ScriptPackage {
        name: "demo v0.1.0".to_owned(),
        bins: vec!["demo".to_owned()],
        has_tests: true,
        ..ScriptPackage::default()
    }
}

#[track_caller]
fn read(stdout: &str) -> Directives {
    parse(stdout.as_bytes(), &package()).expect("Cargo reads this")
}

#[test]
fn both_syntaxes_are_read() {
    let said = read(
        "  cargo:rustc-cfg=a  \n\
         cargo::rustc-cfg=b=\"x y\"\n\
         cargo:rustc-flags=-L/one -l two -L native=/three -lfour\n\
         cargo:root=/somewhere \n\
         cargo::metadata=key=a=b\n\
         cargo:rustc-link-arg-unknown=x\n\
         cargo:error=no error in the old syntax\n\
         cargo:rustc-env=A=1\n\
         cargo:rustc-env=B= spaced = value \n\
         not for cargo\n\
         cargo-like: no\n",
    );
    assert_eq!(said.cfgs, ["a", "b=\"x y\""]);
    assert_eq!(said.search_paths, ["/one", "native=/three"]);
    assert_eq!(said.libraries, ["two", "four"]);
    assert_eq!(said.env, [("A".into(), "1".into()), ("B".into(), " spaced = value".into())]);
    assert_eq!(
        said.metadata,
        [
            ("root".into(), "/somewhere".into()),
            ("key".into(), "a=b".into()),
            ("rustc-link-arg-unknown".into(), "x".into()),
            ("error".into(), "no error in the old syntax".into()),
        ]
    );
    assert!(said.messages.is_empty());
    assert_eq!(
        parse(b"cargo:rustc-cfg=\xff\ncargo:rustc-cfg=ok", &package()).unwrap().cfgs,
        ["ok"]
    );
    assert_eq!(read("cargo::error=bad").messages, [(Severity::Error, "bad".to_owned())]);
}

#[test]
fn errors_say_what_was_printed() {
    let say = |line: &str| parse(line.as_bytes(), &package()).expect_err(line).to_string();
    insta::assert_snapshot!(
        [
            "cargo::surprise=1",
            "cargo::rustc-cfg",
            "cargo:lonely",
            "cargo::metadata=lonely",
            "cargo:rustc-flags=-C opt-level=3",
            "cargo:rustc-flags=-lx -L",
            "cargo:rustc-link-arg-bin=x",
            "cargo:rustc-link-arg-bin=other=x",
            "cargo:rustc-link-arg-benches=x",
            "cargo:rustc-env=A",
            "cargo:rustc-env=RUSTC_BOOTSTRAP=1",
        ]
        .map(say)
        .join("\n"),
        @r"
    printed `cargo::surprise=1`, whose key `surprise` cargo does not know
    printed `cargo::rustc-cfg`, which lacks a `=`: `KEY=VALUE` is expected
    printed `cargo:lonely`, which lacks a `=`: `KEY=VALUE` is expected
    printed `cargo::metadata=lonely`, which lacks a `=`: `KEY=VALUE` is expected
    printed rustc-flags `-C opt-level=3`, but only `-l` and `-L` are allowed there
    printed rustc-flags `-lx -L`, whose last flag has no value
    printed `cargo:rustc-link-arg-bin=x`, but `rustc-link-arg-bin=BIN=ARG` is expected
    printed `cargo:rustc-link-arg-bin=other=x`, but demo v0.1.0 has no bin target named `other`
    printed `cargo:rustc-link-arg-benches=x`, but demo v0.1.0 has no benchmark target
    printed rustc-env `A`, which lacks a `=`
    tried to set `RUSTC_BOOTSTRAP=1`
    "
    );
    let old = ScriptPackage { rust_version: Some((1, 60)), ..package() };
    insta::assert_snapshot!(parse(b"cargo::rustc-cfg=a", &old).unwrap_err(), @"printed `cargo::rustc-cfg=a`, but `cargo::` is read since Rust 1.77 and the package declares rust-version 1.60");
    let bootstrapped = ScriptPackage { bootstrap_allowed: true, ..package() };
    let said = parse(b"cargo:rustc-env=RUSTC_BOOTSTRAP=1", &bootstrapped).unwrap();
    assert!(said.env.is_empty() && said.messages.len() == 1);
    assert!(bootstrap_allowed(Some("1"), None));
    assert!(bootstrap_allowed(Some("a,b"), Some("b")));
    assert!(!bootstrap_allowed(Some("a,b"), Some("c")) && !bootstrap_allowed(None, Some("c")));
}

/// Builds a package whose script prints `lines`; whether Cargo accepts them.
fn cargo_accepts(lines: &[u8]) -> bool {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let write = |path: &str, text: &[u8]| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a writable folder");
        fs::write(path, text).expect("a writable folder");
    };
    write("Cargo.toml", b"[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    write("src/main.rs", b"fn main() {}\n");
    write("tests/it.rs", b"");
    write("lines", lines);
    write(
        "build.rs",
        b"use std::io::Write;\nfn main() { \
          std::io::stdout().write_all(include_bytes!(\"lines\")).unwrap() }\n",
    );
    let status = Command::new("cargo")
        .args(["check", "--offline", "--quiet"])
        .current_dir(dir.path())
        .env("CARGO_TARGET_DIR", dir.path().join("target"))
        .env_remove("RUSTC_BOOTSTRAP")
        .stderr(std::process::Stdio::null())
        .status()
        .expect("cargo starts");
    status.success()
}

#[test]
fn cargo_refuses_what_we_refuse() {
    for line in [
        &b"cargo::surprise=1"[..],
        b"cargo::rustc-cfg",
        b"cargo:lonely",
        b"cargo::metadata=lonely",
        b"cargo:rustc-flags=-C opt-level=3",
        b"cargo:rustc-flags=-lx -L",
        b"cargo:rustc-flags=",
        b"cargo:rustc-link-arg-bin=x",
        b"cargo:rustc-link-arg-bin=other=x",
        b"cargo:rustc-link-arg-bin=demo=x",
        b"cargo:rustc-link-arg-benches=x",
        b"cargo:rustc-link-arg-tests=x",
        b"cargo:rustc-link-arg-anything=x",
        b"cargo:rustc-env=A",
        b"cargo:rustc-env=RUSTC_BOOTSTRAP=1",
        b"cargo::error=bad",
        b"cargo:error=fine",
        b"cargo:warning=fine",
        b" cargo:surprise=1\xff\ncargo::rustc-check-cfg=cfg(a)",
    ] {
        let ours = parse(line, &package()).is_ok_and(|said| said.errors().next().is_none());
        assert_eq!(ours, cargo_accepts(line), "{}", String::from_utf8_lossy(line));
    }
}

#[test]
fn paths_inside_out_dir_are_known() {
    assert!(is_inside("native=/o/out/lib", "/o/out"));
    assert!(is_inside("/o/out", "/o/out"));
    assert!(!is_inside("/o/output", "/o/out"));
    assert!(!is_inside("other=/o/out", "/o/out"));
}

#[test]
fn names_become_variables() {
    assert_eq!(envify("foo-bar_1"), "FOO_BAR_1");
}

/// Lines that a script might print: keys that Cargo knows, nearly knows or does not know, with values
/// that fit and that do not.
fn lines() -> impl Strategy<Value = String> {
    let keys = "(rustc-(cfg|check-cfg|env|flags|link-lib|link-search|link-arg|cdylib-link-arg|link-arg-(bins?|tests|benches|examples|cdylib))|metadata|warning|rerun-if-changed|[a-z]{1,3}-?[a-z]{0,3}|)";
    let values =
        "(=| |=x|=demo=y|=other=y|=A=B|=RUSTC_BOOTSTRAP=1|=-l a -L b|=-l|=-x|=cfg\\(a\\)|= v )";
    let line = format!("[ ]{{0,2}}(cargo::?|cargo-|Cargo:|){keys}{values}");
    proptest::string::string_regex(&line).expect("a pattern")
}

/// Cargo is asked for each line: some daily, many with RBN_FULL.
#[test]
fn random_lines_are_taken_as_cargo_takes_them() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let count = if std::env::var_os("RBN_FULL").is_some() { 400 } else { 24 };
    for _ in 0..count {
        let line = lines().new_tree(&mut runner).expect("a line").current();
        let ours = parse(line.as_bytes(), &package());
        let ours = ours.is_ok_and(|said| said.errors().next().is_none());
        assert_eq!(ours, cargo_accepts(line.as_bytes()), "{line:?}");
    }
}

/// A lib with a cdylib, a bin, a test and a dependency with `links`, with scripts that say
/// everything; held against the very arguments that Cargo passes.
#[test]
fn effects_are_what_cargo_passes() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let print = |lines: &str| {
        format!(
            "fn main() {{ print!(\"{{}}\", r##\"{lines}\"##.replace(\"@OUT@\", \
                 &std::env::var(\"OUT_DIR\").unwrap())) }}\n"
        )
    };
    write(
        "Cargo.toml",
        "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
         [lib]\ncrate-type = [\"lib\", \"cdylib\"]\n[dependencies]\nsys = { path = \"sys\" }\n",
    );
    write("src/lib.rs", "");
    write("src/main.rs", "fn main() {}\n");
    write("src/bin/second.rs", "fn main() {}\n");
    write("examples/ex.rs", "fn main() {}\n");
    write("benches/be.rs", "fn main() {}\n");
    write("tests/it.rs", "");
    write(
        "build.rs",
        &print(
            "cargo:rustc-link-search=/usr/lib/own\n\
             cargo:rustc-link-search=native=@OUT@/lib\n\
             cargo:rustc-link-lib=static=own\n\
             cargo:rustc-link-arg=-all\n\
             cargo:rustc-link-arg-bins=-bins\n\
             cargo:rustc-link-arg-bin=second=-second\n\
             cargo:rustc-link-arg-tests=-tests\n\
             cargo:rustc-link-arg-benches=-benches\n\
             cargo:rustc-link-arg-examples=-examples\n\
             cargo:rustc-cdylib-link-arg=-cdylib\n\
             cargo:rustc-cfg=own=\"a b\"\n\
             cargo:rustc-check-cfg=cfg(own, values(any()))\n\
             cargo:rustc-env=OWN=1\ncargo:rustc-env=OWN=2\n",
        ),
    );
    write(
        "sys/Cargo.toml",
        "[package]\nname = \"sys\"\nversion = \"0.1.0\"\nedition = \"2021\"\nlinks = \"c-lib\"\n",
    );
    write("sys/src/lib.rs", "");
    write(
        "sys/build.rs",
        &print(
            "cargo:rustc-flags=-L /usr/lib/sys -l dylib=sys\n\
             cargo:rustc-link-search=@OUT@\n\
             cargo:rustc-cdylib-link-arg=-sys-cdylib\n\
             cargo:rustc-link-arg=-sys-own\n\
             cargo:include-dir=@OUT@/include\n",
        ),
    );
    let root = Utf8Path::from_path(dir.path()).unwrap();
    let flags = ["--offline", "--all-targets"].map(Into::into).to_vec();
    let recording = record(
        root,
        &Selection { flags, ..Selection::default() },
        &mut Options {
            cargo: PathBuf::from("cargo"),
            program: PathBuf::from(env!("CARGO_BIN_EXE_rbn-plan")),
            tracer: None,
            needed: None,
            progress: &mut |_| {},
        },
    )
    .unwrap_or_else(|error| panic!("{error}"));

    let facts = ScriptPackage {
        name: "demo".to_owned(),
        has_cdylib: true,
        bins: vec!["demo".to_owned(), "second".to_owned()],
        has_tests: true,
        has_benches: true,
        has_examples: true,
        ..ScriptPackage::default()
    };
    let said: BTreeMap<&str, (Directives, &str)> = recording
        .runs
        .iter()
        .map(|run| {
            let directives = parse(&run.stdout, &facts).expect("Cargo read this");
            (run.package.name.as_str(), (directives, run.env["OUT_DIR"].as_str()))
        })
        .collect();
    let own_run = recording.runs.iter().find(|run| run.package.name == "demo").unwrap();
    for (name, value) in dep_env("c-lib", &said["sys"].0) {
        assert_eq!(own_run.env.get(&name), Some(&value), "{name}");
    }
    assert!(own_run.env["DEP_C_LIB_INCLUDE_DIR"].ends_with("/out/include"));

    let mut seen = 0;
    for unit in &recording.units {
        let call = unit.call();
        let name = call.crate_name.as_deref().unwrap();
        let root = call.root.as_deref().unwrap();
        let linked_as = match (name, root) {
            ("build_script_build", _) => LinkedAs::Other,
            ("sys", _) => LinkedAs::Lib { cdylib: false },
            ("demo", "src/lib.rs") => LinkedAs::Lib { cdylib: true },
            ("demo", _) => LinkedAs::Bin("demo"),
            ("second", _) => LinkedAs::Bin("second"),
            ("ex", _) => LinkedAs::Example,
            ("be", _) => LinkedAs::Bench,
            ("it", _) => LinkedAs::Test,
            other => panic!("no such unit: {other:?}"),
        };
        let scripts: Vec<Script<'_>> = match (linked_as, unit.package.name.as_str()) {
            (LinkedAs::Other, _) => vec![],
            (_, "demo") => vec!["demo", "sys"],
            (_, name) => vec![name],
        }
        .into_iter()
        .map(|name| Script {
            directives: &said[name].0,
            out_dir: said[name].1,
            own: unit.package.name == name,
        })
        .collect();
        let expected =
            effects(&Unit { linked_as, test_mode: call.test, package_has_lib: true }, &scripts);
        // What scripts add is at the very end.
        let tail = unit.args.len().saturating_sub(expected.args.len());
        assert_eq!(unit.args[tail..], expected.args, "{name} {root}");
        let rest = unit.args[..tail].join(" ");
        assert!(!rest.contains("link-arg=") && !rest.contains("/usr/lib/"), "{name}: {rest}");
        for (variable, value) in &expected.env {
            assert_eq!(unit.env.get(variable), Some(value), "{name} {variable}");
        }
        seen += usize::from(!expected.args.is_empty());
    }
    assert_eq!(seen, 10, "sys, lib, two bins, and these three as tests; example, bench, test");
}
