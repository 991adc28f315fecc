//! Times out of files.

use camino::Utf8Path;
use insta::assert_snapshot;
use rbn_plan::build::store::Store;
use rbn_plan::build::{Outcome, saved};
use rbn_plan::review::{StepGraph, Times};

use super::said::record;
use super::{document, log};

fn times(text: &str) -> Result<Times, String> {
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    saved::times(Utf8Path::new("FILE"), text, &mut Store::new(&graph))
        .map_err(|error| error.to_string())
}

fn listed(times: &Times) -> String {
    times.steps.iter().map(|(step, time)| format!("{step} {time}\n")).collect()
}

#[test]
fn a_stamped_log_has_the_times_of_what_was_built() {
    assert_snapshot!(listed(&times(&log("built.log")).unwrap()), @r#"
    host/app-0.1.0:build-script 1306
    x86_64-unknown-linux-gnu/app-0.1.0 636
    x86_64-unknown-linux-gnu/app-0.1.0:bin:app 1158
    x86_64-unknown-linux-gnu/app-0.1.0:bin:second 1394
    x86_64-unknown-linux-gnu/app-0.1.0:run 220
    "#);
    // What failed or was stopped has none.
    assert_snapshot!(listed(&times(&log("failed.log")).unwrap()), @"x86_64-unknown-linux-gnu/app-0.1.0 472");
    assert_snapshot!(listed(&times(&log("interrupted.log")).unwrap()), @"host/app-0.1.0:build-script 341");
}

#[test]
fn a_timeline_reads_back() {
    let record = record("built.log", Outcome::Done, None);
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<rbn_plan::build::Record>(&text).unwrap(), record);
    assert_eq!(times(&text).unwrap(), record.times());
    assert_eq!(times(&log("built.log")).unwrap(), record.times());
    let plain = r#"{"format_version": 1, "steps": {"host/syn-2.0.90": 1200}}"#;
    assert_eq!(listed(&times(plain).unwrap()), "host/syn-2.0.90 1200\n");
}

#[test]
fn a_log_without_times_has_none() {
    let text = log("built.log");
    let bare: String =
        text.lines().map(|line| format!("{}\n", line.split_once(' ').unwrap().1)).collect();
    assert_snapshot!(times(&bare).unwrap_err(), @"FILE is a log of Nix without any times: its lines do not say when they came");
    // A single stamp makes no times for the others.
    let half = format!("1700000000.5 {bare}");
    assert_eq!(times(&half).unwrap(), Times::default());
}

#[test]
fn other_files_are_refused() {
    for text in ["", "hello\nworld\n", "1700000000 hello", "{", "{}", "[]", r#"{"steps": []}"#] {
        let error = times(text).unwrap_err();
        assert!(error.contains("FILE holds no times: "), "{error}");
    }
    let cut = serde_json::to_string(&record("built.log", Outcome::Done, None)).unwrap();
    assert!(times(&cut[..cut.len() / 2]).is_err());
    assert_snapshot!(times(r#"{"format_version": 9, "jobs": []}"#).unwrap_err(), @"FILE is a timeline of format 9; this program reads format 1");
}
