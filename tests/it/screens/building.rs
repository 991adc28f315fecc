//! Builds that Nix plays.

use super::screen::Screen;

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

/// What config.toml plans of checks is run after the build, by the file that joins them.
#[test]
fn building_and_checking() {
    let screen = Screen::new();
    screen.says(0, &["build", "--no-link"], false);
    screen.is("build-checks-none", 0, &["build", "--no-link", "--checks"]);
    screen.workspace.write("--- config.toml\n[checks]\nplans = [\"test --workspace\"]\n");
    screen.says(0, &["build", "--no-link"], false);
    screen.is("build-checks", 0, &["build", "--no-link", "--checks"]);
    screen.is("build-checks-other", 2, &["build", "--no-link", "--checks", "--profile", "dev"]);
    screen.is("build-checks-one", 2, &["build", "--checks", "parser"]);
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

/// A dry run counts what the build would be of: not what the plan has for other machines and targets, nor what was
/// not asked for.
#[test]
fn of_how_many() {
    let screen = Screen::new();
    screen.plays(WOULD, 0);
    let of = |args: &[&str]| {
        let said = screen.says(0, &[&["build", "--dry-run"], args].concat(), false);
        said.split_once(" of ").expect("a sum").1.split_once(' ').expect("words").0.to_owned()
    };
    let all = of(&[]);
    assert_eq!((all.as_str(), of(&["parser"]).as_str()), ("6", "3"));
    screen
        .workspace
        .write("--- config.toml\n[build]\nsystems = [\"aarch64-linux\", \"x86_64-linux\"]\n");
    assert_eq!(of(&[]), all);
    // In a member's directory, too, this machine's own target is meant, whichever is first in the plan.
    let member = screen.says(0, &["build", "--no-link", "--no-timeline", "-C", "app"], false);
    assert!(member.contains(" packages.TARGET.app "), "{member}");
}

/// Git would take in a toolchain that no other machine has: it is said when it is made.
#[test]
fn a_toolchain_that_git_does_not_ignore() {
    let note = "note: it is this machine's own, and git does not ignore it: echo";
    let made = |ignored: &str| {
        let screen = Screen::new();
        screen.workspace.write(&format!("--- .gitignore\n/target\n/bin\n{ignored}"));
        screen.says(0, &["build", "--no-link", "--no-timeline"], false)
    };
    let loose = made("");
    assert!(
        loose.contains(note) && loose.contains("/generated/toolchain.nix >> .gitignore"),
        "{loose}"
    );
    let ignored = made("toolchain.nix\n");
    assert!(ignored.contains("toolchain.nix was missing") && !ignored.contains(note), "{ignored}");
}
