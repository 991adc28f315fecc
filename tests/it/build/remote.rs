//! Builds on another machine, as Nix 2.8 told of them over `ssh-ng`.

use rbn_plan::build::Status;
use rbn_plan::build::line::Line;
use rbn_plan::build::tracker::{Notice, Tracker};

use super::log;

/// The tracker after a log, and the most that was done of how much at any moment.
fn followed(name: &str, success: bool) -> (Tracker, Vec<(u64, u64)>, usize) {
    let mut tracker = Tracker::default();
    let (mut counts, mut ends) = (Vec::new(), 0);
    for (now, line) in (0_u64..).zip(log(name).lines()) {
        if let Some(Notice::Ended(job)) = tracker.take(now, Line::parse(line)) {
            ends += 1;
            tracker.settle(job, None);
        }
        counts.push(tracker.counts());
    }
    tracker.finish(1000, success);
    (tracker, counts, ends)
}

#[test]
fn each_build_is_one() {
    let (tracker, counts, ends) = followed("remote.log", true);
    assert_eq!(tracker.jobs.len(), 6, "five steps and the package");
    assert_eq!(ends, 6);
    for job in &tracker.jobs {
        assert_eq!(job.machine, "ssh-ng://hostb");
        assert_eq!(job.place(), " on hostb");
        assert_eq!(job.status, Some(Status::Built), "{}", job.drv);
    }
    assert!(counts.iter().all(|(done, all)| done <= all), "{counts:?}");
    assert!(counts.iter().all(|(done, _)| *done <= 8), "{counts:?}");
}

#[test]
fn a_failure_there_has_its_log() {
    let (tracker, _, _) = followed("remote-failed.log", false);
    let failed: Vec<_> =
        tracker.jobs.iter().filter(|job| job.status == Some(Status::Failed)).collect();
    let [failed] = failed.as_slice() else { panic!("{:?}", tracker.jobs) };
    assert_eq!(failed.place(), " on hostb");
    assert!(failed.log.iter().any(|line| line.contains("error[E0308]")), "{:?}", failed.log);
    assert!(failed.reason.contains("failed with exit code 1"), "{}", failed.reason);
}
