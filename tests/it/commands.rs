//! What every command prints is a snapshot; here the ones that no other module looks at.

use std::process::Command;

use insta::assert_snapshot;

fn says(args: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
        .args(args)
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// The commands, as `rbn-plan help` lists them.
fn commands() -> Vec<String> {
    let help = says(&["help"]);
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap().to_owned();
    let names = list.lines().filter(|line| !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Help of the program and of each command: for 80 columns and without colour.
#[test]
fn help() {
    let mut pages = vec![("rbn-plan".to_owned(), says(&["--help"]))];
    for command in commands().into_iter().filter(|command| command != "help") {
        let page = says(&[&command, "--help"]);
        pages.push((command, page));
    }
    for (name, page) in pages {
        for line in page.lines() {
            assert!(line.chars().count() <= 80, "{name} --help: {line}");
            assert!(!line.contains('\u{1b}'), "{name} --help: {line}");
        }
        insta::with_settings!({ snapshot_suffix => name, omit_expression => true }, {
            assert_snapshot!("help", page);
        });
    }
}

/// The shells' own words are clap's; that each command is among them is ours.
#[test]
fn completions_and_manual_pages_know_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = says(&["completions", shell]);
        for command in commands() {
            assert!(text.contains(&command), "{shell} does not complete {command}");
        }
    }
    let dir = tempfile::tempdir().unwrap();
    says(&["man", "-o", dir.path().to_str().unwrap()]);
    for command in commands().into_iter().filter(|command| command != "help") {
        let page =
            std::fs::read_to_string(dir.path().join(format!("rbn-plan-{command}.1"))).unwrap();
        assert!(page.contains(".SH NAME") && page.contains(".SH OPTIONS"), "{command}: {page}");
    }
}
