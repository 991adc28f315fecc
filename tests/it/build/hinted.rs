//! From a failed step's log to its cure: only such as can help.

use camino::Utf8Path;
use insta::assert_snapshot;
use rbn_plan::build::hints;
use rbn_plan::model::Document;
use rbn_plan::review::StepGraph;

use crate::document::workspace::{SMALL, Workspace};

/// A workspace's document, in which the package `name` comes from a registry.
fn document(registry: Option<&str>) -> Document {
    let workspace = Workspace::new(SMALL);
    let json = workspace.run(&["--format", "json"]).stdout;
    let mut document = Document::read(&json).unwrap();
    if let Some(name) = registry {
        use rbn_plan::model::document::Origin;
        let package = document.packages.values_mut().find(|package| package.name == name);
        let (registry, sha256) = ("crates-io".to_owned(), "0".repeat(64));
        package.unwrap().source = Origin::Registry { registry, sha256 };
        let steps = document.steps.values_mut().flat_map(|steps| steps.values_mut());
        for step in steps.filter(|step| step.package.starts_with(name)) {
            step.cwd = format!("/build/{}", step.package);
            step.sources.place = step.cwd.clone();
        }
    }
    document
}

/// The hint for a step's log, in a workspace that has `assets/list.txt` and `app/words`.
fn hint(document: &Document, step: &str, log: &str) -> String {
    let graph = StepGraph::of(document).unwrap();
    let id = graph.graph.node_indices().find(|id| graph.graph[*id].name == step).unwrap();
    let log: Vec<String> = log.lines().map(str::to_owned).collect();
    let has =
        |path: &Utf8Path| ["assets/list.txt", "app/words", "parser/data"].contains(&path.as_str());
    let lines = hints::of(&graph.graph[id], &log, &has).join("\n");
    for line in lines.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    lines.replace(&crate::document::workspace::host(), "TARGET")
}

const SCRIPT: &str = "parser-0.3.1:run";

/// The many words for a file that is not there.
#[test]
fn a_file_of_the_workspace() {
    let document = document(None);
    assert_snapshot!(hint(&document, "app-1.2.0:bin:app", "error: couldn't read `app/src/../../assets/list.txt`: No such file or directory (os error 2)\n --> app/src/main.rs:1:1\n\nrbn-plan: step \"app-1.2.0:bin:app\" (x) failed: rustc found errors"), @r#"
    hint: app-1.2.0:bin:app looks for assets/list.txt, which is in the workspace and
          not in the step's sandbox. Name it in config.toml:
          [override.app]
          files = ["assets/list.txt"]
    "#);
    let wanted = "files = [\"assets/list.txt\"]";
    for words in [
        "thread 'main' panicked at build.rs:2:5:\nfile \"../assets/list.txt\" does not exist",
        "Error: `../assets/list.txt` not found",
        "could not find ../assets/list.txt",
        "cat: ../assets/list.txt: No such file or directory",
        "open '/build/workspace/assets/list.txt': No such file or directory",
        "Could not find file: ../assets/list.txt (os error 2)",
        "the path /build/workspace/assets/list.txt does not exist!",
        "cp: cannot stat '../assets/list.txt': No such file or directory",
        "failed to read ../assets/list.txt: No such file or directory (os error 2)",
    ] {
        let said = hint(&document, SCRIPT, words);
        assert!(said.contains(wanted), "{words}\n{said}");
        assert!(said.contains("[override.parser]"), "{said}");
        assert!(said.contains(SCRIPT), "{said}");
    }
    let said = hint(&document, SCRIPT, "/build/workspace/parser/data is not a directory");
    assert!(said.contains("files = [\"parser/data\"]"), "{said}");
    assert_snapshot!(hint(&document, SCRIPT, "../assets/none.txt does not exist"), @r#"
    hint: parser-0.3.1:run looks for assets/none.txt, which the workspace does not
          have either. Is it made by something that has not run, or is it not
          committed?
    "#);
    assert_snapshot!(hint(&document, SCRIPT, "open /etc/machine.conf: No such file or directory"), @r#"
    hint: parser-0.3.1:run looks for /etc/machine.conf of the machine, which its
          sandbox does not show. If the package needs it, name what provides it in
          config.toml ([override.parser] native-inputs, build-inputs or env).
    "#);
}

/// A crate of a registry reads no file of the workspace: that cure is none.
#[test]
fn a_crate_of_a_registry() {
    let document = document(Some("parser"));
    let said = hint(&document, SCRIPT, "thread 'main' panicked: data/list.txt does not exist");
    assert!(!said.contains("files ="), "{said}");
    assert_snapshot!(said, @r#"
    hint: does the build script of parser work with Cargo? Then it reads or runs
          something that its sandbox does not have: `rbn-plan verify --files` says
          what, and what to write into config.toml.
    "#);
    assert_snapshot!(hint(&document, SCRIPT, "error: failed to run custom build command\nis `cmake` not installed?"), @r#"
    hint: parser-0.3.1:run runs `cmake`, which its sandbox does not have. With the
          host's toolchain, install it; else name it in config.toml:
          [override.parser]
          native-inputs = ["cmake"]
    "#);
}

#[test]
fn programs_and_libraries() {
    let document = document(None);
    for (words, wanted) in [
        (
            "failed to execute command: No such file or directory (os error 2)\nis `cmake` not installed?",
            "native-inputs = [\"cmake\"]",
        ),
        ("sh: 1: perl: not found", "native-inputs = [\"perl\"]"),
        ("/bin/sh: line 1: nasm: command not found", "native-inputs = [\"nasm\"]"),
        ("env: 'python3': No such file or directory", "native-inputs = [\"python3\"]"),
        ("make[1]: perl: No such file or directory", "native-inputs = [\"perl\"]"),
        (
            "Failed to run `git describe`: No such file or directory (os error 2)",
            "native-inputs = [\"git\"]",
        ),
        (
            "error occurred in cc-rs: failed to find tool \"aarch64-linux-gnu-gcc\": No such file or directory (os error 2)",
            "native-inputs = [\"aarch64-linux-gnu-gcc\"]",
        ),
        (
            "Could not find `protoc`. If `protoc` is installed, try setting the `PROTOC`",
            "native-inputs = [\"protobuf\"]",
        ),
        (
            "The system library `openssl` required by crate `openssl-sys` was not found.\nThe file `openssl.pc` needs to be installed",
            "build-inputs = [\"openssl\"]",
        ),
        (
            "Package libudev was not found in the pkg-config search path.",
            "build-inputs = [\"libudev\"]",
        ),
        ("Package 'alsa', required by 'virtual:world', not found", "build-inputs = [\"alsa\"]"),
        ("The pkg-config command could not be found.", "native-inputs = [\"pkg-config\"]"),
        ("/usr/bin/ld: cannot find -lz: No such file or directory", "build-inputs = [\"z\"]"),
        ("rust-lld: error: unable to find library -lsqlite3", "build-inputs = [\"sqlite3\"]"),
        ("wrapper.h:1:10: fatal error: 'zlib.h' file not found", "zlib.h"),
        ("src/a.c:1:10: fatal error: openssl/ssl.h: No such file or directory", "openssl/ssl.h"),
    ] {
        let said = hint(&document, SCRIPT, words);
        assert!(said.contains(wanted), "{words}\n{said}");
        assert!(said.contains("[override.parser]"), "{said}");
        assert!(!said.contains("files ="), "{said}");
    }
    // The toolchain `host` has no libraries by name: there a directory helps.
    assert_snapshot!(hint(&document, SCRIPT, "Package libudev was not found in the pkg-config search path."), @r#"
    hint: pkg-config found no libudev for parser-0.3.1:run. With the host's
          toolchain, install its development package, or write its directory in
          place of its name; with that of nixpkgs, add to config.toml:
          [override.parser]
          native-inputs = ["pkg-config"]
          build-inputs = ["libudev"]
    "#);
    assert_snapshot!(hint(&document, "app-1.2.0:bin:app", "rust-lld: error: unable to find library -lfrob"), @r#"
    hint: app-1.2.0:bin:app links the native library frob, which is not there. With
          the host's toolchain, install its development package, or write its
          directory in place of its name; with that of nixpkgs, add to config.toml:
          [override.app]
          build-inputs = ["frob"]
    "#);
    assert_snapshot!(hint(&document, "app-1.2.0:bin:app", "error[E0463]: can't find crate for `std`"), @r#"
    hint: the toolchain has no standard library for TARGET.
          Install it (`rustup target add TARGET`, or the
          distribution's package) and render the toolchain again: `rbn-plan
          toolchain host`
    "#);
}

/// rustc's mistakes speak for themselves; a script that failed for no known reason is compared.
#[test]
fn nothing_is_known() {
    let document = document(None);
    let errors = "error[E0425]: cannot find value `x` in this scope\n --> app/src/main.rs:1:1\nerror: aborting due to 1 previous error";
    assert_eq!(hint(&document, "app-1.2.0:bin:app", errors), "");
    assert_snapshot!(hint(&document, SCRIPT, "thread 'main' panicked at build.rs:1:1:\nno luck"), @r#"
    hint: does the build script of parser work with Cargo? Then it reads or runs
          something that its sandbox does not have: `rbn-plan verify --files` says
          what, and what to write into config.toml.
    "#);
    // A builder that says it does not have it said twice.
    assert_eq!(hint(&document, SCRIPT, "cmake: not found\nhint: a file or program is missing"), "");
}
