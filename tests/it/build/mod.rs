//! A build that Nix does, watched: its stream, its record, what is said of it.

mod derivations;
mod given;
mod hinted;
mod hostile;
mod placed;
mod recorded;
mod refused;
mod remote;
mod said;
mod saved;
mod warned;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rbn_plan::build::derivation::drv_name;
use rbn_plan::build::line::Line;
use rbn_plan::build::store::Store;
use rbn_plan::build::tracker::{Notice, Tracker};
use rbn_plan::build::{Known, Outcome, Status, Subject};
use rbn_plan::model::Document;

/// A log that `nix build --log-format internal-json` wrote, with the seconds before each line. Its
/// store is nowhere: what this machine's own happens to hold must not matter.
fn log(name: &str) -> String {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/nix-logs");
    fs::read_to_string(dir.join(name)).unwrap().replace("/nix/store/", "/no/store/")
}

/// The plan that the logs are of, as it was when they were written.
fn document() -> Document {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/workspaces/build-script-protocol");
    let done = Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
        .args(["--workspace", "--offline", "--format", "json", "--target"])
        .args(["x86_64-unknown-linux-gnu", "--manifest-path"])
        .arg(fixture.join("Cargo.toml"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Document::read(&done.stdout).unwrap()
}

/// The derivation in the logs that is no step, by the package whose programs it gathers.
const PACKAGE: &str = "app";

/// What the file of that derivation says; steps are known by their names.
fn package() -> Known {
    let subject = Subject::Package(PACKAGE.to_owned());
    Known { subject, outputs: Vec::new(), inputs: Vec::new() }
}

/// Follows a log to its end, as somebody who knows no store: what it was, and how long it took.
fn replay(text: &str, store: &mut Store, outcome: Outcome) -> (Tracker, Vec<Notice>, u64) {
    let mut tracker = Tracker::default();
    let mut notices = Vec::new();
    let (mut first, mut now) = (None, 0);
    for line in text.lines() {
        let (at, line) = Line::parse_stamped(line);
        now = at.map_or(now, |at| at - *first.get_or_insert(at));
        let Some(notice) = tracker.take(now, line) else { continue };
        match notice {
            Notice::Began(job) => {
                let drv = tracker.jobs[job].drv.clone();
                if drv_name(&drv) == PACKAGE {
                    tracker.describe(job, &package());
                } else {
                    tracker.describe(job, store.known(&drv));
                }
            }
            Notice::Ended(job) => {
                tracker.settle(job, None);
            }
            _ => {}
        }
        notices.push(notice);
    }
    tracker.finish(now, outcome == Outcome::Done);
    (tracker, notices, now)
}

/// The jobs of a tracker, a line each.
fn jobs(tracker: &Tracker) -> String {
    let line = |job: &rbn_plan::build::tracker::Running| {
        let status = match job.status {
            Some(Status::Built) => "built",
            Some(Status::Failed) => "failed",
            Some(Status::Stopped) => "stopped",
            None => "open",
        };
        format!("{} {status}, {} to {}\n", job.label(), job.start, job.end.unwrap())
    };
    tracker.jobs.iter().map(line).collect()
}

/// A file of a temporary directory.
fn file(dir: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = dir.path().join(name);
    fs::write(&path, text).unwrap();
    path
}
