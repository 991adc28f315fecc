//! What is said of a build, and its page.

use insta::assert_snapshot;
use rbn_plan::build::assemble::{Facts, done};
use rbn_plan::build::record::{CacheUse, Scope};
use rbn_plan::build::report::{html, text};
use rbn_plan::build::store::Store;
use rbn_plan::build::{Outcome, Record};
use rbn_plan::review::StepGraph;

use super::{document, log, replay};

/// The record of a recorded build.
pub fn record(name: &str, outcome: Outcome, scope: Option<Scope>) -> Record {
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    let mut store = Store::new(&graph);
    let (tracker, _, milliseconds) = replay(&log(name), &mut store, outcome);
    let facts = Facts {
        profile: "release".to_owned(),
        command: ["nix", "build"].map(str::to_owned).to_vec(),
        started: 1_700_000_000,
        milliseconds,
        outcome,
        scope,
        cache: None,
        processors: None,
    };
    Record::new(facts, &tracker, &graph, &store.makers())
}

/// What is said, which fits 80 columns.
fn said(record: &Record) -> String {
    let text = text::summary(record);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert_eq!(line, line.trim_end());
    }
    text
}

#[test]
fn nix_refused() {
    let mut refused = record("failed.log", Outcome::Failed, None);
    refused.jobs.clear();
    refused.critical.clear();
    refused.blocked.clear();
    assert_snapshot!(said(&refused), @r#"
    Failed after 0.9s: no step was built.
    "#);
}

#[test]
fn all_was_built() {
    let scope = Scope { steps: 5, present: 0, needless: 0 };
    assert_snapshot!(said(&record("built.log", Outcome::Done, Some(scope))), @r#"
    Built all 5 steps in 3.8s.
      host    1 build script
      x86_64  2 programs, 1 library, 1 run of a build script
      besides 1 package
    Critical path: 3.6s in 4 steps:
         1.3s  app-0.1.0:build-script (host)
         0.2s  app-0.1.0:run (x86_64)
         0.6s  app-0.1.0 (x86_64)
         1.4s  app-0.1.0:bin:second (x86_64)
    Longest besides:
         1.2s  app-0.1.0:bin:app (x86_64)
    Time: 3.8s, the first 0.0s before anything was built. All jobs together: 4.8s,
      1.3 at a time.
    "#);
}

#[test]
fn some_came_from_a_cache_and_the_compile_cache_helped() {
    let scope = Scope { steps: 5, present: 1, needless: 1 };
    let mut record = record("fetched.log", Outcome::Done, Some(scope));
    record.cache = Some(CacheUse { hits: 3, misses: 1 });
    // Whose path it is, only a store knows.
    record.fetched[1].step = record.jobs.iter().find_map(|job| job.step.clone());
    assert_snapshot!(said(&record), @r#"
    Built 2 of 5 steps in 1.2s; 1 came from a cache, 1 was in the store already, 1
      was not needed.
      x86_64  2 programs
      besides 1 package
      fetched 2 paths from file:///srv/cache
      sccache 3 hits of 4 compile steps that it was asked
    Critical path: 1.1s in 1 step:
         1.1s  app-0.1.0:bin:second (x86_64)
    Longest besides:
         0.8s  app-0.1.0:bin:app (x86_64)
    Time: 1.2s, the first 0.0s before anything was built. All jobs together: 2.0s,
      1.7 at a time.
    "#);
}

#[test]
fn two_failed() {
    assert_snapshot!(said(&record("failed.log", Outcome::Failed, None)), @r#"
    Failed after 0.9s: 2 failed, 1 step was built and stays.
      x86_64  1 library
    Time: 0.9s, the first 0.0s before anything was built. All jobs together: 1.1s,
      1.3 at a time.
    "#);
}

#[test]
fn it_was_interrupted() {
    assert_snapshot!(said(&record("interrupted.log", Outcome::Interrupted, None)), @r#"
    Interrupted after 3.7s: 1 was stopped, 1 step was built and stays.
      host    1 build script
    Time: 3.7s, the first 0.0s before anything was built. All jobs together: 3.7s,
      1.0 at a time.
    "#);
}

#[test]
fn nothing_was_to_be_done() {
    let nothing = |scope| {
        let mut record = record("built.log", Outcome::Done, Some(scope));
        record.jobs.clear();
        record.critical.clear();
        said(&record)
    };
    let all = Scope { steps: 5, present: 5, needless: 0 };
    assert_snapshot!(nothing(all), @"Nothing to build: all 5 steps are in the store.");
    let some = Scope { steps: 5, present: 2, needless: 3 };
    assert_snapshot!(nothing(some), @"Nothing to build: what was asked for is in the store.");
}

#[test]
fn what_is_done_is_what_was_built_or_fetched() {
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    let mut store = Store::new(&graph);
    let (tracker, _, _) = replay(&log("interrupted.log"), &mut store, Outcome::Interrupted);
    let names: Vec<String> =
        done(&tracker, &store.makers()).iter().map(ToString::to_string).collect();
    assert_eq!(names, ["host/app-0.1.0:build-script"]);
}

/// The page asks for nothing, and no name can end its script.
#[test]
fn the_page_is_whole() {
    let mut record = record("built.log", Outcome::Done, None);
    record.jobs[0].name = "</script><img src=x>".to_owned();
    let page = html::render(&record).unwrap();
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("<img"));
    assert!(page.contains("default-src 'none'"));
    let start = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
    let end = start + page[start..].find("</script>").unwrap();
    let data: serde_json::Value = serde_json::from_str(&page[start..end]).unwrap();
    assert_eq!(data["record"], serde_json::to_value(&record).unwrap());
}
