//! What Nix itself refuses, in recorded words of its own: recognised, and told with its cure.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use rbn_plan::build::Outcome;
use rbn_plan::build::line::{Activity, Line, Report};
use rbn_plan::build::report::failure;
use rbn_plan::build::store::Store;
use rbn_plan::build::tracker::{Notice, Tracker};
use rbn_plan::build::trouble::Trouble;
use rbn_plan::review::StepGraph;

use super::{document, log, replay};

/// The trouble of a recorded build, as it is found: of what Nix says, and of its jobs.
fn trouble(name: &str) -> Vec<Trouble> {
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    let text = log(&format!("refused/{name}.log"));
    let (tracker, notices, _) = replay(&text, &mut Store::new(&graph), Outcome::Failed);
    let said = notices.iter().filter_map(|notice| match notice {
        Notice::Said(level, text) if *level <= 1 => Trouble::of(text),
        _ => None,
    });
    let mut found: Vec<Trouble> =
        said.chain(tracker.jobs.iter().filter_map(Trouble::of_job)).collect();
    found.dedup();
    found
}

#[test]
fn each_is_recognised() {
    for (name, wanted) in [
        ("sandbox-paths", Trouble::SandboxPaths),
        ("daemon", Trouble::Daemon),
        ("users", Trouble::Users),
        ("disk", Trouble::Disk),
        ("features", Trouble::Feature),
        ("mismatch", Trouble::Hash),
        ("fetch", Trouble::Fetch),
        ("notfound", Trouble::Fetch),
        ("substituter", Trouble::Substituter),
    ] {
        assert_eq!(trouble(name), [wanted], "{name}");
    }
    // The plan's own words need no others.
    assert_eq!(trouble("throw"), []);
    assert_eq!(trouble("../failed"), []);
}

/// What other versions of Nix say.
#[test]
fn in_other_words() {
    for (words, wanted) in [
        ("error: executing '/usr/bin/bash': No such file or directory", Trouble::SandboxPaths),
        (
            "error: this system does not support the kernel namespaces that are required for sandboxing; use '--no-sandbox' to disable sandboxing",
            Trouble::NoSandbox,
        ),
        ("error: the build users group 'nixbld' has no members", Trouble::Users),
        ("error: writing to file: No space left on device", Trouble::Disk),
        (
            "error: cannot connect to daemon at '/nix/var/nix/daemon-socket/socket': Connection refused",
            Trouble::Daemon,
        ),
        ("error: opening lock file '/nix/var/nix/db/big-lock': Permission denied", Trouble::Store),
        ("error: creating directory '/nix/store/.links': Read-only file system", Trouble::Store),
        (
            "error: a 'aarch64-linux' with features {} is required to build '/nix/store/x.drv', but I am a 'x86_64-linux' with features {benchmark}",
            Trouble::Platform,
        ),
        ("error: builder for '/nix/store/x.drv' failed due to signal 9 (Killed)", Trouble::Memory),
        (
            "error: unable to download 'https://cache.example/0123.narinfo': HTTP error 500",
            Trouble::Substituter,
        ),
        (
            "error: all build users are currently in use; consider creating additional users and adding them to the 'nixbld' group",
            Trouble::Users,
        ),
        (
            "error: cannot add path '/nix/store/x-a' because it lacks a valid signature",
            Trouble::Untrusted,
        ),
        (
            "error: cannot add path '/nix/store/x-a' because it lacks a signature by a trusted key",
            Trouble::Untrusted,
        ),
        ("error: path '/nix/store/x-a' is not valid", Trouble::Damaged),
        (
            "error: executing SQLite statement: database disk image is malformed (in '/nix/var/nix/db/db.sqlite')",
            Trouble::Damaged,
        ),
        ("error: creating pipe: Too many open files", Trouble::OpenFiles),
        (
            "error: building of '/nix/store/x.drv' from .drv file timed out after 2 seconds of silence",
            Trouble::TimedOut,
        ),
        (
            "error: getting status of '/nix/store/x-source/generated': No such file or directory",
            Trouble::Untracked,
        ),
        (
            "error: file 'nixpkgs' was not found in the Nix search path (add it using $NIX_PATH or -I)",
            Trouble::SearchPath,
        ),
        (
            "error: NAR info file 'p5mkshq04fgds2acvbrpq7ya9jfswgpl.narinfo' is corrupt",
            Trouble::CacheEntry,
        ),
        (
            "error: hash mismatch importing path '/nix/store/x-a';\n         specified: sha256:1\n         got:       sha256:2",
            Trouble::CacheEntry,
        ),
        (
            "error: failed to read compressed data (Lzma library error: Corrupted input data)",
            Trouble::CacheEntry,
        ),
        ("error: program '/etc/nix/hook' failed with exit code 1", Trouble::Hook),
        ("error: program \"/etc/nix/hook\" failed with exit code 1", Trouble::Hook),
        (
            "error: NAR for '/nix/store/x-a' fetched from 'file:///c' is incomplete",
            Trouble::CacheEntry,
        ),
        ("error: bad archive: unknown file type segular", Trouble::CacheEntry),
        (
            "error: unable to start any build; either increase '--max-jobs' or enable remote builds.",
            Trouble::NoMachine,
        ),
        (
            "error: Cannot build '/nix/store/x.drv'.\n       Reason: local builds are disabled (max-jobs = 0)\n       Hint: set 'max-jobs' to a non-zero value",
            Trouble::NoMachine,
        ),
        (
            "error: Cannot build '/nix/store/x.drv'.\n       Reason: required system or feature not available",
            Trouble::Platform,
        ),
        ("note: build failure may have been caused by lack of free disk space", Trouble::Disk),
        ("error: changing owner of path '/nix/store/x-a': Operation not permitted", Trouble::Store),
        ("error: forking process: Cannot allocate memory", Trouble::Memory),
    ] {
        assert_eq!(Trouble::of(words), Some(wanted), "{words}");
    }
    for words in [
        "a_test ... FAILED: timed out after 60 seconds",
        "error: undefined variable 'x'",
        "error: rbn-plan: there is no toolchain.nix",
    ] {
        assert_eq!(Trouble::of(words), None, "{words}");
    }
}

#[test]
fn cures_of_a_text_each_once() {
    let said =
        "error: writing to file: No space left on device\nerror: x\nerror: No space left on device";
    let told = Trouble::cures(said);
    assert_eq!(told, format!("{}\n", Trouble::Disk.cure().join("\n")));
    assert_eq!(Trouble::cures("error: undefined variable 'x'"), "");
}

/// Who searches the documents for Nix's words finds them, each with its cure.
#[test]
fn the_documents_have_a_heading_for_each() {
    let faq = include_str!("../../../docs/faq.md");
    let headings = faq.lines().filter(|line| line.starts_with("### "));
    let told: BTreeSet<Trouble> = headings.filter_map(Trouble::of).collect();
    let missing: Vec<Trouble> = Trouble::all().difference(&told).copied().collect();
    assert_eq!(missing, [], "docs/faq.md has no heading in Nix's words");
}

#[test]
fn every_cure_fits_a_terminal_and_says_what_to_do() {
    for trouble in Trouble::all() {
        let lines = trouble.cure();
        assert!(lines[0].starts_with("hint: "), "{lines:?}");
        for line in lines {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

/// An old Nix writes the error of a builder that did not start in the form of its own wire.
#[test]
fn a_builder_that_did_not_start_is_told_in_words() {
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    let text = log("refused/sandbox-paths.log");
    let (tracker, ..) = replay(&text, &mut Store::new(&graph), Outcome::Failed);
    assert_snapshot!(failure::job(&tracker.jobs[0], &[], false), @r#"
    t-a1795876320 failed:
    executing '/usr/bin/bash': No such file or directory
    nix: error: builder for '/no/store/8jdq8k8qmkzh8wwz2hyi3k61m11yqyzh-t-a1795876320.drv' failed with exit code 1
    "#);
}

/// Of a script that failed, what it said to Cargo alone is no reason.
#[test]
fn a_script_s_words_for_cargo_do_not_hide_its_reason() {
    let mut tracker = Tracker::default();
    let drv = "/no/store/00000000000000000000000000000000-a-1.0.0-run.drv".to_owned();
    let activity = Activity::Build { drv: drv.clone(), machine: String::new() };
    tracker.take(0, Line::Start { id: 1, activity });
    let log = [
        "warning: a@1.0.0: no compiler cache",
        "--- stdout",
        "cargo:rerun-if-changed=build.rs",
        "cargo::rerun-if-env-changed=CC",
        "looking for z",
        "cargo:warning=no compiler cache",
        "cargo::error=z is not there",
        "cargo:include=/usr/include",
        "--- stderr",
        "cargo:rustc-link-lib=z is not what it wanted",
        "thread 'main' panicked at build.rs:3:5:",
        "",
        "rbn-plan: step a-1.0.0:run failed: the build script of a ended with status 101",
    ];
    let take = |tracker: &mut Tracker, log: &[&str]| {
        for line in log {
            tracker.take(1, Line::Result { id: 1, report: Report::Log((*line).to_owned()) });
        }
    };
    take(&mut tracker, &log);
    let text = format!("error: builder for '{drv}' failed with exit code 1");
    tracker.take(2, Line::Message { level: 0, text });
    assert_snapshot!(failure::job(&tracker.jobs[0], &[], false), @r"
    a-1.0.0-run failed: the build script of a ended with status 101
    warning: a@1.0.0: no compiler cache
    --- stdout
    looking for z
    cargo::error=z is not there
    --- stderr
    cargo:rustc-link-lib=z is not what it wanted
    thread 'main' panicked at build.rs:3:5:
    ");
    let all = failure::job(&tracker.jobs[0], &[], true);
    assert!(log.iter().all(|line| all.contains(line)), "{all}");

    // Nothing but that: then there is no heading either.
    let mut tracker = Tracker::default();
    let activity = Activity::Build { drv, machine: String::new() };
    tracker.take(0, Line::Start { id: 1, activity });
    take(&mut tracker, &[log[1], log[2], log[8], log[12]]);
    assert_snapshot!(failure::job(&tracker.jobs[0], &[], false), @"a-1.0.0-run failed: the build script of a ended with status 101");
}

/// Of several that were asked for and failed, Nix 2.8 names one; where it was to go on, it stopped no other.
#[test]
fn what_nix_does_not_name_has_failed_too_where_it_keeps_going() {
    let mut tracker = Tracker::default();
    let drv = |name: &str| format!("/no/store/00000000000000000000000000000000-{name}.drv");
    for (id, name) in [(1, "named"), (2, "not-named"), (3, "built")] {
        let activity = Activity::Build { drv: drv(name), machine: String::new() };
        tracker.take(0, Line::Start { id, activity });
        let log = Report::Log(format!("words of {name}"));
        tracker.take(1, Line::Result { id, report: log });
        tracker.take(2, Line::Stop { id });
        tracker.settle(usize::try_from(id).unwrap() - 1, Some(name == "built"));
    }
    let activity = Activity::Build { drv: drv("under-way"), machine: String::new() };
    tracker.take(2, Line::Start { id: 4, activity });
    let text = format!("error: builder for '{}' failed with exit code 1", drv("named"));
    tracker.take(3, Line::Message { level: 0, text });
    tracker.nothing_was_stopped();
    tracker.finish(4, false);
    assert_snapshot!(super::jobs(&tracker), @r"
    named failed, 0 to 2
    not-named failed, 0 to 2
    built built, 0 to 2
    under-way stopped, 2 to 4
    ");
    assert_snapshot!(failure::job(&tracker.jobs[1], &[], false), @r"
    not-named failed:
    words of not-named
    ");
}
