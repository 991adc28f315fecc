//! What checks found, in words.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use camino::Utf8Path;

use super::libtest::Tests;
use super::reports::Checked;
use crate::cargo::paths::relative;
use crate::text::words::{count, duration};

/// How many lines of a program that failed are shown of each stream.
const LINES: usize = 300;

/// A line for each program, what the failed ones said, and the sums.
#[must_use]
pub fn tests(all: &[Checked], usual: &str) -> String {
    let mut text = String::new();
    let width = all.iter().map(|one| one.name(usual).chars().count()).max().unwrap_or_default();
    for checked in all {
        let mark = if checked.report.passed() { "  ok  " } else { "FAILED" };
        let took = checked.report.attempts.last().map_or(0, |attempt| attempt.took);
        let took = duration(u64::try_from(took).unwrap_or_default());
        let name = checked.name(usual);
        let _ = writeln!(text, "{mark} {name:width$}  {took:>7}  {}", found(checked));
        for test in &checked.flaky {
            let _ =
                writeln!(text, "       flaky: {test} failed, and passed when it was tried again");
        }
        let left = checked.left();
        if !left.is_empty() {
            let _ = writeln!(
                text,
                "       left behind when it ended, and ended with it: {}",
                left.join(", ")
            );
        }
    }
    for checked in all.iter().filter(|checked| !checked.report.passed()) {
        let _ = writeln!(text, "\n--- {} {}", checked.name(usual), checked.ended());
        for (name, words) in [("stdout", &checked.said.0), ("stderr", &checked.said.1)] {
            shown(&mut text, name, words, checked);
        }
    }
    text.push_str(&sums(all, usual));
    text
}

/// What rustfmt would change, and in how many places.
#[must_use]
pub fn formatting(all: &[Checked]) -> String {
    let mut text = String::new();
    // Several crates of a package may share a module.
    let mut known = BTreeSet::new();
    for checked in all.iter().filter(|checked| !checked.report.passed()) {
        // `Diff in PATH:LINE:`, then its lines. rustfmt names files by their whole paths.
        let root = Utf8Path::new(&checked.report.call.directory);
        let mut fresh = true;
        for line in checked.said.0.lines() {
            let place = line.strip_prefix("Diff in ").map(|place| relative(root, place.into()));
            let line = place.map_or(line.to_owned(), |place| {
                let line = format!("Diff in {place}");
                fresh = known.insert(line.clone());
                line
            });
            if fresh {
                text.push_str(&line);
                text.push('\n');
            }
        }
        text.push_str(&checked.said.1);
    }
    let (places, crates) = (count(known.len(), "place"), count(all.len(), "crate"));
    let _ = writeln!(text, "Summary: {places} in {crates} to format");
    text
}

fn shown(text: &mut String, stream: &str, words: &str, checked: &Checked) {
    let lines: Vec<&str> = words.trim_end().lines().collect();
    let from = lines.len().saturating_sub(LINES);
    if from > 0 {
        let number = checked.report.attempts.len();
        let _ = writeln!(text, "[{from} lines before: {}/{number}.{stream}]", checked.place);
    }
    for line in &lines[from..] {
        let _ = writeln!(text, "{line}");
    }
}

/// What a program's tests came to.
fn found(checked: &Checked) -> String {
    match &checked.tests {
        Some(tests) => counts(tests),
        None if checked.report.passed() => "passed".to_owned(),
        None => checked.ended(),
    }
}

/// `12 passed, 1 failed`: what there is none of is not told.
fn counts(tests: &Tests) -> String {
    let parts = [
        (tests.passed, "passed"),
        (tests.failed, "failed"),
        (tests.ignored, "ignored"),
        (tests.measured, "measured"),
        (tests.filtered, "left out"),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, word)| format!("{number} {word}")).collect();
    if parts.is_empty() { "no tests".to_owned() } else { parts.join(", ") }
}

fn sums(all: &[Checked], usual: &str) -> String {
    let mut sum = Tests::default();
    for tests in all.iter().filter_map(|checked| checked.tests.as_ref()) {
        sum.add(tests);
    }
    let programs = count(all.len(), "program");
    // Programs with a harness of their own tell no counts.
    let told = all.iter().any(|checked| checked.tests.is_some());
    let mut text = match told || all.is_empty() {
        true => format!("\nSummary: {} in {programs}\n", counts(&sum)),
        false => {
            let passed = all.iter().filter(|checked| checked.report.passed()).count();
            format!("\nSummary: {programs} without counts of their own; {passed} passed\n")
        }
    };
    for checked in all.iter().filter(|checked| !checked.report.passed()) {
        let names: Vec<&str> = checked.tests.iter().flat_map(Tests::failed).collect();
        let name = checked.name(usual);
        if names.is_empty() {
            let _ = writeln!(text, "  failed: {name}: it {}", checked.ended());
        }
        for test in names {
            let _ = writeln!(text, "  failed: {name} {test}");
        }
    }
    text
}
