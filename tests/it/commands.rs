//! What every command prints is a snapshot; here the ones that no other module looks at.

use std::collections::BTreeSet;
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

/// The program, its commands and theirs, each as its words, with what `--help` says of it.
pub fn pages() -> Vec<(Vec<String>, String)> {
    let mut pages = Vec::new();
    let mut queue = vec![Vec::new()];
    while let Some(words) = queue.pop() {
        let help = [&words[..], &["--help".to_owned()]].concat();
        let page = says(&help.iter().map(String::as_str).collect::<Vec<_>>());
        let list = page.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next();
        let lines = list.unwrap_or_default().lines().filter(|line| !line.starts_with("   "));
        for name in lines.filter_map(|line| line.split_whitespace().next()) {
            if name != "help" {
                queue.push([&words[..], &[name.to_owned()]].concat());
            }
        }
        pages.push((words, page));
    }
    assert!(pages.len() > 20, "{}", pages.len());
    pages
}

/// Help of the program and of each command: for 80 columns and without colour.
#[test]
fn help() {
    for (words, page) in pages() {
        let name = if words.is_empty() { "rbn-plan".to_owned() } else { words.join("-") };
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
fn completions_know_every_command() {
    let pages = pages();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = says(&["completions", shell]);
        for command in pages.iter().filter_map(|(words, _)| words.last()) {
            assert!(text.contains(command), "{shell} does not complete {command}");
        }
    }
}

/// There is a page for each command and no other, and `man` can show it.
#[test]
fn manual_pages_know_every_command() {
    let dir = tempfile::tempdir().unwrap();
    says(&["man", "-o", dir.path().to_str().unwrap()]);
    let mut wanted = BTreeSet::new();
    for (words, _) in pages() {
        let name = [&["rbn-plan".to_owned()], &words[..]].concat().join("-");
        let text = std::fs::read_to_string(dir.path().join(format!("{name}.1"))).expect(&name);
        // In a page a hyphen is written with a backslash.
        let title = format!(".SH NAME\n{} \\- ", name.replace('-', "\\-"));
        assert!(text.contains(&title), "{name}: {text}");
        assert!(text.contains(".SH OPTIONS") || text.contains(".SH SUBCOMMANDS"), "{name}: {text}");
        wanted.insert(format!("{name}.1"));
    }
    let there = std::fs::read_dir(dir.path()).unwrap();
    let there: BTreeSet<String> =
        there.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, wanted);
    assert_eq!(says(&["man"]), std::fs::read_to_string(dir.path().join("rbn-plan.1")).unwrap());
}
