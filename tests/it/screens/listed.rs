//! No command is without a screen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::commands::pages;

/// What these print is for shells and for `man`, and is made by a library of what `--help` says,
/// of which there are snapshots.
const FOR_PROGRAMS: [&str; 2] = ["completions", "man"];

/// The snapshots by their names, each with the words of its command.
fn screens() -> BTreeMap<String, String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/screens/snapshots");
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let file = entry.file_name().into_string().unwrap();
        let Some(name) = file.strip_suffix(".snap") else { continue };
        let text = fs::read_to_string(entry.path()).unwrap();
        let command = text.lines().find_map(|line| line.strip_prefix("$ rbn-plan ")).unwrap();
        found.insert(name.trim_start_matches("screen@").to_owned(), command.to_owned());
    }
    found
}

/// The text of the tests here.
fn tests() -> String {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/screens");
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|ending| ending == "rs"));
    files.map(|file| fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn every_command_has_its_screen() {
    let screens = screens();
    let pages = pages();
    let all: BTreeSet<String> = pages.iter().map(|(words, _)| words.join(" ")).collect();
    // A command that only holds others says nothing by itself.
    let holds =
        |command: &String| all.iter().any(|other| other.starts_with(&format!("{command} ")));
    let says = |command: &str| {
        screens.values().any(|screen| {
            screen
                .strip_prefix(command)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        })
    };
    let is_missing = |command: &&String| {
        !command.is_empty()
            && !FOR_PROGRAMS.contains(&command.as_str())
            && !says(command)
            && !holds(command)
    };
    let missing: Vec<&String> = all.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "no screen shows what these say: {missing:?}");
    assert!(all.len() > 40, "{} commands: {all:?}", all.len());
}

/// A snapshot that no test makes any more would show nothing.
#[test]
fn every_screen_has_its_test() {
    let tests = tests();
    for name in screens().keys() {
        assert!(tests.contains(&format!("\"{name}\",")), "no test makes the screen {name}");
    }
}
