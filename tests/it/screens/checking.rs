//! Cargo's checks, whose reports lie where Nix says that it built them.

use std::fs;
use std::process::Command;

use super::screen::Screen;
use crate::document::workspace::host;

/// What one check left: how it ended, and its words.
struct Left<'t> {
    check: &'t str,
    part: &'t str,
    code: i64,
    words: &'t [&'t str],
    stdout: &'t str,
    stderr: &'t str,
}

/// A screen whose next build gives these reports, below `within` of what it makes.
fn left(within: &str, all: &[Left<'_>]) -> Screen {
    let screen = Screen::new();
    let made = screen.workspace.file("report");
    for one in all {
        let dir = made.join(within).join(host()).join("app").join(one.part);
        fs::create_dir_all(&dir).unwrap();
        let report = serde_json::json!({
            "check": one.check,
            "package": "app",
            "step": "app-1.2.0",
            "harness": one.check == "test",
            "call": { "words": one.words, "directory": "/build/up/workspace", "environment": {} },
            "attempts": [{ "code": one.code, "took": 1200, "left": [] }],
            "skipped": {},
        });
        fs::write(dir.join("report.json"), report.to_string()).unwrap();
        fs::write(dir.join("1.stdout"), one.stdout).unwrap();
        fs::write(dir.join("1.stderr"), one.stderr).unwrap();
    }
    // The first writes the toolchain, and says so.
    screen.says(0, &["build", "--no-link", "--quiet"], false);
    let built = serde_json::json!([{ "outputs": { "out": made } }]);
    screen.gives("built", &built.to_string());
    screen
}

const PASSED: &str = "
running 2 tests
test reads ... ok
test writes ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

const FAILED: &str = "
running 2 tests
test adds ... ok
test counts ... FAILED

failures:

---- counts stdout ----
assertion `left == right` failed
  left: 1
 right: 2

failures:
    counts

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

fn tested(check: &str) -> Screen {
    let one = |part, code, stdout| Left { check, part, code, words: &["x"], stdout, stderr: "" };
    left("", &[one("bin-test-app", 101, FAILED), one("test-cli", 0, PASSED)])
}

#[test]
fn tests_and_benchmarks() {
    tested("test").is("test", 1, &["test"]);
    tested("bench").is("bench", 1, &["bench", "-q"]);
    Screen::new().is("test-refused", 2, &["test", "--no-deps"]);
    Screen::new().is("clippy-name", 2, &["clippy", "parser"]);
    Screen::new().is("doc-name", 2, &["doc", "parser"]);
}

const LINT: &str = r#"{"$message_type":"diagnostic","message":"unneeded `return` statement","code":{"code":"clippy::needless_return","explanation":null},"level":"warning","spans":[],"children":[],"rendered":"warning: unneeded `return` statement\n --> app/src/main.rs:1:13\n  |\n1 | fn main() { return; }\n  |             ^^^^^^\n\n"}
"#;

#[test]
fn lints() {
    let one = |stderr| Left {
        check: "clippy",
        part: "bin-app",
        code: 0,
        words: &["clippy-driver"],
        stdout: "",
        stderr,
    };
    left("", &[one(LINT)]).is("clippy", 0, &["clippy"]);
    left("", &[one("")]).is("clippy-clean", 0, &["clippy", "-q"]);
}

#[test]
fn pages() {
    let one = Left {
        check: "doc",
        part: "bin-app",
        code: 0,
        words: &["rustdoc", "--crate-name", "app"],
        stdout: "",
        stderr: "warning: unresolved link to `Parser`\n",
    };
    left("reports", &[one]).is("doc", 0, &["doc", "--no-deps"]);
}

const UNFORMATTED: &str = "Diff in /build/up/workspace/app/src/main.rs:1:
-fn main()  {}
+fn main() {}
Diff in /build/up/outside/src/lib.rs:3:
-fn  out() {}
+fn out() {}
";

#[test]
fn formatting() {
    let one = |code, stdout| Left {
        check: "fmt",
        part: "bin-app",
        code,
        words: &["rustfmt"],
        stdout,
        stderr: "",
    };
    left("", &[one(1, UNFORMATTED)]).is("fmt", 1, &["fmt"]);
    left("", &[one(0, "")]).is("fmt-clean", 0, &["fmt", "-q"]);
}

const LINES: &str = "SF:app/src/main.rs
DA:1,1
DA:2,0
end_of_record
SF:parser/src/lib.rs
DA:1,4
end_of_record
";

#[test]
fn lines_that_ran() {
    let one = Left {
        check: "test",
        part: "bin-test-app",
        code: 0,
        words: &["x"],
        stdout: PASSED,
        stderr: "",
    };
    let screen = left("reports", &[one]);
    let at = screen.workspace.file("report").join(host());
    fs::create_dir_all(at.join("html")).unwrap();
    fs::write(at.join("lcov.info"), LINES).unwrap();
    fs::write(at.join("html/index.html"), "").unwrap();
    // LLVM's tools play, too: those of another version are told before any test runs.
    let bin = screen.workspace.file("bin");
    let tools = format!("--- config.toml\n[checks]\nllvm-tools = \"{}\"\n", bin.display());
    screen.workspace.write(&tools);
    let version = |major: u32| {
        for name in ["llvm-profdata", "llvm-cov"] {
            screen.program(name, &format!("#!/bin/sh\necho '  LLVM version {major}.1.2'\n"));
        }
    };
    let said = Command::new("rustc").arg("-vV").output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let own = said.split_once("LLVM version: ").unwrap().1.split_once('.').unwrap().0;
    version(3);
    let other = screen.says(2, &["coverage"], false);
    assert!(!other.contains("+ nix build"), "{other}");
    let other = other.replace('│', "").split_whitespace().collect::<Vec<_>>().join(" ");
    let expected =
        format!("llvm-profdata is of LLVM 3, and the compiler writes profiles of LLVM {own} ");
    assert!(other.contains(&expected), "{other}");
    version(own.parse().unwrap());
    screen.is("coverage", 0, &["coverage"]);
    screen.is("coverage-less", 1, &["coverage", "-q", "--fail-under-lines", "70"]);
}
