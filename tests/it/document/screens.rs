//! What every command says on a terminal of 80 columns, without colour and with it.
//!
//! Commands whose answers depend on the machine have tests that give them one: `doctor`, `cache`,
//! `verify`, `toolchain`. The same words must stand in both versions of a screen.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use super::workspace::{SMALL, Workspace};

/// A build of Nix's that the stand-in plays: its words for people and programs, and how it ends.
const BUILT: &str = r#"
@nix {"action":"start","id":1,"level":0,"text":"","type":104,"parent":0,"fields":[]}
@nix {"action":"result","id":1,"type":105,"fields":[0,2,0,0]}
@nix {"action":"start","id":2,"level":3,"text":"","type":105,"parent":1,"fields":["/no/store/00000000000000000000000000000001-macros-0.1.0.drv","",1,1]}
@nix {"action":"stop","id":2}
@nix {"action":"result","id":1,"type":105,"fields":[1,2,0,0]}
@nix {"action":"start","id":3,"level":3,"text":"","type":105,"parent":1,"fields":["/no/store/00000000000000000000000000000002-app-1.2.0-bin-app.drv","",1,1]}
@nix {"action":"result","id":3,"type":101,"fields":["warning: unused variable: `x`"]}
@nix {"action":"stop","id":3}
@nix {"action":"result","id":1,"type":105,"fields":[2,2,0,0]}
@nix {"action":"stop","id":1}
"#;

const WOULD: &str = "these 2 derivations will be built:
  /no/store/00000000000000000000000000000001-macros-0.1.0.drv
  /no/store/00000000000000000000000000000002-app-1.2.0-bin-app.drv
these 3 paths will be fetched (1.00 MiB download, 5.00 MiB unpacked):
  /no/store/00000000000000000000000000000003-a
  /no/store/00000000000000000000000000000004-b
  /no/store/00000000000000000000000000000005-c
";

const FAILED: &str = r#"
@nix {"action":"start","id":1,"level":0,"text":"","type":104,"parent":0,"fields":[]}
@nix {"action":"result","id":1,"type":105,"fields":[0,2,0,0]}
@nix {"action":"start","id":2,"level":3,"text":"","type":105,"parent":1,"fields":["/no/store/00000000000000000000000000000001-parser-0.3.1.drv","",1,1]}
@nix {"action":"result","id":2,"type":101,"fields":["error[E0308]: mismatched types"]}
@nix {"action":"result","id":2,"type":101,"fields":["  --> parser/src/lib.rs:1:20"]}
@nix {"action":"result","id":2,"type":101,"fields":["rbn-plan: step parser-0.3.1 failed: rustc ended with 1"]}
@nix {"action":"result","id":2,"type":101,"fields":["rbn-plan: the command was"]}
@nix {"action":"result","id":2,"type":101,"fields":["rustc --crate-name=parser"]}
@nix {"action":"msg","level":0,"msg":"error: builder for '/no/store/00000000000000000000000000000001-parser-0.3.1.drv' failed with exit code 1;\n       last 1 log lines:\n       > x"}
@nix {"action":"stop","id":2}
@nix {"action":"stop","id":1}
"#;

/// A workspace with a plan that is committed, and a `nix` that plays.
struct Screen {
    workspace: Workspace,
}

impl Screen {
    fn new() -> Self {
        let screen = Self { workspace: Workspace::new(SMALL) };
        screen.workspace.write(
            "--- .gitignore\n/target\n/bin\n/generated/toolchain.nix\n--- bin/nix\n#!/bin/sh\nwhile IFS= read -r line; do printf '%s\\n' \"$line\" >&2; sleep 0.02; done <\"${0%/bin/nix}/bin/said\"\necho '[]'\nexit \"$(cat \"${0%/bin/nix}/bin/code\")\"\n",
        );
        let nix = screen.workspace.file("bin/nix");
        fs::set_permissions(&nix, fs::Permissions::from_mode(0o755)).unwrap();
        screen.workspace.commit();
        screen
    }

    fn plays(&self, said: &str, code: i32) {
        fs::write(self.workspace.file("bin/said"), said.trim_start()).unwrap();
        fs::write(self.workspace.file("bin/code"), code.to_string()).unwrap();
    }

    /// What a command says; its exit code is `code`.
    fn says(&self, code: i32, args: &[&str], colours: bool) -> String {
        let path = std::env::var("PATH").unwrap();
        let bin = self.workspace.file("bin");
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command
            .args(args)
            .current_dir(self.workspace.path())
            .env("PATH", format!("{}:{path}", bin.display()))
            .env("COLUMNS", "80")
            .env("TERM", "xterm-256color")
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("RUSTFLAGS")
            .env_remove("NO_COLOR");
        match colours {
            true => command.env("FORCE_COLOR", "1").env("CLICOLOR_FORCE", "1"),
            false => command.env("NO_COLOR", "1"),
        };
        let done = command.output().unwrap();
        let (out, err) =
            (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert_eq!(done.status.code(), Some(code), "{args:?}\nstdout:\n{out}\nstderr:\n{err}");
        untimed(&self.workspace.shown(&format!("{out}{err}")))
    }

    /// A snapshot of both versions, which say the same.
    fn is(&self, name: &str, code: i32, args: &[&str]) {
        let plain = self.says(code, args, false);
        assert!(!plain.contains('\u{1b}'), "{name}: {plain}");
        for line in plain.lines() {
            // Commands and facts stand as they are; only what is said in our words is wrapped.
            let is_ours = !line.starts_with(['+', '-', ' ', '@', ':', '"', '|']);
            let fits = line.chars().count() <= 80;
            assert!(fits || !is_ours, "{name}: longer than 80 columns: {line}");
        }
        let colourful = self.says(code, args, true);
        let stripped = console_free(&colourful);
        assert_eq!(numberless(&stripped), numberless(&plain), "{name}: other words with colours");
        let colours = match colourful == stripped {
            true => "none\n".to_owned(),
            false => colourful.replace('\u{1b}', "␛"),
        };
        let text = format!("$ rbn-plan {}\n{plain}--- with colours\n{colours}", args.join(" "));
        insta::with_settings!({
            snapshot_suffix => name,
            omit_expression => true,
            filters => vec![(r"\b\d+\.\ds", "TIME"), (r"for rustc [^;]*;", "for RUSTC;")],
        }, {
            assert_snapshot!("screen", text);
        });
    }
}

/// A text without what depends on how long something took: whether there is a line of times, and
/// whether a failed build was too short to take a timeline's place.
fn untimed(text: &str) -> String {
    let mut kept = String::new();
    let mut is_time = false;
    for line in text.split_inclusive('\n') {
        is_time = line.starts_with("Time: ") || is_time && line.starts_with("  ");
        if line.starts_with("Timeline: ") {
            kept.push_str("Timeline: PLACE\n");
        } else if !is_time {
            kept.push_str(line);
        }
    }
    kept
}

/// A text without the escapes that paint.
fn console_free(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    plain
}

/// Two builds take times of their own.
fn numberless(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}

#[test]
fn planning_and_checking() {
    let screen = Screen::new();
    screen.is("plan-written", 0, &["-o", "generated/steps.nix"]);
    screen.is("check", 0, &["check"]);
    let manifest = screen.workspace.read("app/Cargo.toml");
    fs::write(screen.workspace.file("app/Cargo.toml"), manifest.replace("json", "fast")).unwrap();
    screen.is("check-stale", 1, &["check"]);
    screen.is("check-github", 1, &["check", "--format", "github"]);
    screen.is("diff", 1, &["diff", "HEAD"]);
    screen.is("diff-markdown", 1, &["diff", "HEAD", "--format", "markdown"]);
}

#[test]
fn reading_a_plan() {
    let screen = Screen::new();
    screen.is("explain", 0, &["explain", "parser-0.3.1"]);
    screen.is("explain-feature", 0, &["explain", "parser/json"]);
    screen.is("explain-wrong", 2, &["explain", "parsre"]);
    screen.is("steps", 0, &["steps"]);
    screen.is("config", 0, &["config"]);
    screen.is("graph-dot", 0, &["graph", "--format", "dot"]);
}

#[test]
fn a_project_that_adopts() {
    let screen = Screen::new();
    screen.is("flake-none", 2, &["flake"]);
    // Without nixpkgs, whose provider is a long file.
    screen.workspace.write("--- flake.nix\n{ outputs = { self }: { }; }\n");
    screen.is("init-dry-run", 0, &["init", "--dry-run"]);
    screen.says(0, &["git", "setup"], false);
    screen.is("git-setup-twice", 0, &["git", "setup"]);
    screen.workspace.write("--- flake.nix\n{\n  inputs.nixpkgs.url = \"nixpkgs\";\n  outputs = { self, nixpkgs }: { };\n}\n");
    screen.is("flake", 0, &["flake"]);
}

#[test]
fn building() {
    let screen = Screen::new();
    screen.plays(BUILT, 0);
    // The first writes the toolchain, and says so.
    screen.says(0, &["build", "--no-link"], false);
    screen.is("build", 0, &["build", "--no-link"]);
    screen.is("build-colour", 0, &["build", "--no-link", "--color", "never", "--quiet"]);
    screen.plays(FAILED, 1);
    screen.is("build-failed", 1, &["build", "--no-link", "--no-timeline"]);
    screen.is("build-quiet", 1, &["build", "--no-link", "--no-timeline", "--quiet"]);
    screen.is("build-typo", 2, &["build", "--no-link", "parsre"]);
    let painted = screen.says(1, &["build", "--no-link", "--color", "always"], false);
    assert!(painted.contains("\u{1b}[1;31mFAILED\u{1b}[0m"), "{painted}");
}

/// What Nix says of a dry run, and of one that cannot be.
#[test]
fn building_nothing() {
    let screen = Screen::new();
    screen.plays(WOULD, 0);
    screen.is("build-dry-run", 0, &["build", "--dry-run"]);
    screen.plays("error: creating file '/nix/store/x': No space left on device\n", 1);
    screen.is("build-dry-run-failed", 1, &["build", "--dry-run"]);
}

/// All tests below a directory, in one text.
fn texts(dir: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        let is_test = entry.extension().is_some_and(|ending| ending == "rs" || ending == "sh");
        if is_test {
            all.push_str(&fs::read_to_string(&entry).unwrap());
        } else if entry.is_dir() && !entry.ends_with(".cache") && !entry.ends_with("fixtures") {
            all.push_str(&texts(&entry));
        }
    }
    all
}

/// Every command that says something to people has a screen here, or tests of its own where its
/// answer depends on the machine.
#[test]
fn every_command_has_its_screens() {
    let help = Screen::new().says(0, &["--help"], false);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    // What goes on in a second line stands further to the right.
    let commands = commands.filter_map(|line| line.strip_prefix("  "));
    let names = commands.filter_map(|line| line.split(' ').next().filter(|name| !name.is_empty()));
    let names = names.filter(|name| *name != "help");
    let here = include_str!("screens.rs");
    // Pages for programs and shells; what the machine says; what Nix made.
    let elsewhere = "completions man ci plan doctor cache verify toolchain develop status test bench \
                     clippy doc fmt bootstrap sbom coverage audit";
    let others = texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"));
    let mut number = 0;
    for name in names {
        let called = [format!("\"{name}\""), format!("RBN_PLAN\" {name}")];
        let is_held = match elsewhere.split_whitespace().any(|other| other == name) {
            true => called.iter().any(|call| others.contains(call)),
            false => here.contains(&format!("&[\"{name}\"")),
        };
        assert!(is_held, "{name} has no test of what it says");
        number += 1;
    }
    assert!(number > 20, "{number} commands: {help}");
}

#[test]
fn what_is_refused() {
    let screen = Screen::new();
    screen.workspace.write("--- config.toml\n[build]\nprofil = \"dev\"\nworkspace = 3\n");
    screen.is("config-wrong", 2, &["check"]);
    screen.workspace.write("--- config.toml\n");
    fs::remove_file(screen.workspace.file("Cargo.lock")).unwrap();
    screen.is("no-lock", 2, &["check"]);
    screen.is("usage", 2, &["chekc"]);
}
