//! Logs of real builds, by Nix 2.8.

use insta::assert_snapshot;
use rbn_plan::build::Outcome;
use rbn_plan::build::report::failure;
use rbn_plan::build::store::Store;
use rbn_plan::build::tracker::{Notice, Tracker};
use rbn_plan::review::StepGraph;

use super::{document, jobs, log, replay};

fn followed(name: &str, outcome: Outcome) -> (Tracker, Vec<Notice>) {
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    let (tracker, notices, _) = replay(&log(name), &mut Store::new(&graph), outcome);
    (tracker, notices)
}

#[test]
fn a_build_that_went_well() {
    let (tracker, notices) = followed("built.log", Outcome::Done);
    assert_snapshot!(jobs(&tracker), @r#"
    app-0.1.0:build-script (host) built, 0 to 1306
    app-0.1.0:run (x86_64-unknown-linux-gnu) built, 1338 to 1558
    app-0.1.0 (x86_64-unknown-linux-gnu) built, 1598 to 2234
    app-0.1.0:bin:app (x86_64-unknown-linux-gnu) built, 2260 to 3418
    app-0.1.0:bin:second (x86_64-unknown-linux-gnu) built, 2284 to 3678
    app (package) built, 3706 to 3832
    "#);
    assert_eq!(tracker.counts(), (6, 6));
    assert!(!notices.iter().any(|notice| matches!(notice, Notice::Said(..) | Notice::Text(_))));
}

#[test]
fn what_came_from_a_cache() {
    let (tracker, _) = followed("fetched.log", Outcome::Done);
    assert_snapshot!(jobs(&tracker), @r#"
    app-0.1.0:bin:app (x86_64-unknown-linux-gnu) built, 0 to 813
    app-0.1.0:bin:second (x86_64-unknown-linux-gnu) built, 0 to 1061
    app (package) built, 1077 to 1165
    "#);
    let fetched: Vec<String> = tracker
        .fetches
        .iter()
        .map(|fetch| format!("{} from {}", fetch.name(), fetch.from))
        .collect();
    assert_eq!(
        fetched,
        ["app-0.1.0-run from file:///srv/cache", "app-0.1.0 from file:///srv/cache"]
    );
}

#[test]
fn two_steps_fail_and_their_logs_are_whole() {
    let (tracker, notices) = followed("failed.log", Outcome::Failed);
    assert_snapshot!(jobs(&tracker), @r#"
    app-0.1.0 (x86_64-unknown-linux-gnu) built, 0 to 472
    app-0.1.0:bin:app (x86_64-unknown-linux-gnu) failed, 490 to 774
    app-0.1.0:bin:second (x86_64-unknown-linux-gnu) failed, 522 to 874
    "#);
    let failed = notices.iter().filter_map(|notice| match notice {
        Notice::Failed(job) => Some(failure::job(&tracker.jobs[*job], &[], true)),
        _ => None,
    });
    let failed: Vec<String> = failed.collect();
    assert_eq!(failed.len(), 2);
    assert_snapshot!(failed[0].replace("app/src/main.rs --crate", "app/src/main.rs\n    --crate"), @r#"
    app-0.1.0:bin:app (x86_64-unknown-linux-gnu) failed: rustc found errors
    error[E0308]: mismatched types
     --> app/src/main.rs:1:26
      |
    1 | fn main() { let x: u32 = "no"; }
      |                    ---   ^^^^ expected `u32`, found `&str`
      |                    |
      |                    expected due to this

    error: aborting due to 1 previous error

    For more information about this error, try `rustc --explain E0308`.

    rbn-plan: the command was, in /build/workspace:
     /usr/bin/rustc --crate-name app --edition=2024 app/src/main.rs
        --crate-type bin --emit=dep-info\,link -C opt-level=3 -C embed-bitcode=no --check-cfg cfg\(docsrs\,test\) --check-cfg cfg\(feature\,\ values\(\)\) -C metadata=017ec57c5282712a -C extra-filename=-017ec57c5282712a --out-dir /no/store/x44b1kk0immpidkb15vwl03m3q786w73-app-0.1.0-bin-app/bin --target x86_64-unknown-linux-gnu -C strip=debuginfo -L dependency=/build/target/deps --extern app=/build/target/deps/libapp.rlib -L /nowhere/flags -L native=/nowhere/search -C link-arg=-Wl\,-rpath\,/rbn-all -C link-arg=-Wl\,-rpath\,/rbn-bins -C link-arg=-Wl\,-rpath\,/rbn-app --cfg plain --cfg valued=\"a\ b\" --check-cfg cfg\(plain\) --check-cfg cfg\(valued\,\ values\(\"a\ b\"\)\)

    rbn-plan: step "app-0.1.0:bin:app" (x86_64-unknown-linux-gnu) failed: rustc found errors
    nix: error: builder for '/no/store/14zrqjlxyhn18izxg9g7nbnvlpsvg6wr-app-0.1.0-bin-app.drv' failed with exit code 1
    "#);
    // What could not be built because of them is not told as an error of its own.
    assert!(!notices.iter().any(|notice| matches!(notice, Notice::Said(..))), "{notices:?}");
}

/// Nix ends the activity of a builder that it stops as if it were done; its own count tells.
#[test]
fn a_step_that_was_stopped_is_not_built() {
    let (tracker, notices) = followed("interrupted.log", Outcome::Interrupted);
    assert_snapshot!(jobs(&tracker), @r#"
    app-0.1.0:build-script (host) built, 1 to 342
    app-0.1.0:run (x86_64-unknown-linux-gnu) stopped, 346 to 3690
    "#);
    assert_eq!(notices.last(), Some(&Notice::Said(0, "error: interrupted by the user".to_owned())));
}

/// Later versions of Nix say it in other words, and at once.
#[test]
fn a_failure_in_the_words_of_a_later_nix() {
    let drv = "/nix/store/00000000000000000000000000000000-app-0.1.0.drv";
    let lines = [
        r#"@nix {"action":"start","id":1,"type":104,"level":0,"text":"","parent":0}"#.to_owned(),
        format!(r#"@nix {{"action":"start","id":2,"type":105,"fields":["{drv}","",1,1],"parent":0}}"#),
        r#"@nix {"action":"result","id":2,"type":101,"fields":["no such file"]}"#.to_owned(),
        r#"@nix {"action":"result","id":1,"type":105,"fields":[0,1,0,1]}"#.to_owned(),
        r#"@nix {"action":"result","id":2,"type":110,"payload":{"success":false}}"#.to_owned(),
        r#"@nix {"action":"start","id":"x","type":"fetchToStore"}"#.to_owned(),
        r#"@nix {"action":"stop","id":2}"#.to_owned(),
        format!(
            r#"@nix {{"action":"msg","level":0,"msg":"\u001b[31;1merror:\u001b[0m Cannot build '\u001b[35;1m{drv}\u001b[0m'.\n       Reason: builder failed with exit code 1.\n       Output paths:\n         /nix/store/x\n       Last 1 log lines:\n       > no such file\n       For full logs, run:\n         nix log {drv}"}}"#
        ),
        r#"@nix {"action":"msg","level":0,"msg":"error: Cannot build '/nix/store/b.drv'.\n Reason: 1 dependency failed."}"#.to_owned(),
    ];
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    let (tracker, notices, _) = replay(&lines.join("\n"), &mut Store::new(&graph), Outcome::Failed);
    assert_eq!(notices.len(), 4, "{notices:?}");
    assert_snapshot!(failure::job(&tracker.jobs[0], &[], true), @r#"
    app-0.1.0 (x86_64-unknown-linux-gnu) failed:
    no such file
    nix: error: Cannot build '/nix/store/00000000000000000000000000000000-app-0.1.0.drv'. Reason: builder failed with exit code 1.
    "#);
}
