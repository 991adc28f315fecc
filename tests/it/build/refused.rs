//! What Nix itself refuses, in recorded words of its own: recognised, and told with its cure.

use insta::assert_snapshot;
use rbn_plan::build::Outcome;
use rbn_plan::build::report::failure;
use rbn_plan::build::store::Store;
use rbn_plan::build::tracker::Notice;
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
    ] {
        assert_eq!(Trouble::of(words), Some(wanted), "{words}");
    }
    for words in ["error: undefined variable 'x'", "error: rbn-plan: there is no toolchain.nix"] {
        assert_eq!(Trouble::of(words), None, "{words}");
    }
}

#[test]
fn every_cure_fits_a_terminal_and_says_what_to_do() {
    use Trouble as T;
    for trouble in [
        T::SandboxPaths,
        T::NoSandbox,
        T::Daemon,
        T::Store,
        T::Users,
        T::Disk,
        T::Feature,
        T::Hash,
        T::Fetch,
        T::Substituter,
        T::Platform,
        T::Memory,
    ] {
        let lines = trouble.cure();
        assert!(lines[0].starts_with("hint: "), "{lines:?}");
        for line in lines {
            assert!(line.chars().count() <= 88, "{line}");
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
