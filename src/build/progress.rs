//! How far a build is, by the times that earlier builds took.

use super::record::Status;
use super::tracker::{Running, Tracker};
use crate::review::{StepGraph, Times};
use crate::text::words::duration;

/// What a derivation counts for where no time is known at all, in milliseconds.
const UNKNOWN: u64 = 1000;

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many derivations are built, as Nix counts.
    pub built: u64,
    /// How many there are to build, as far as Nix knows.
    pub expected: u64,
    /// How many failed.
    pub failed: usize,
    /// How many are at work.
    pub running: usize,
    /// What is done, in milliseconds of work.
    pub done: u64,
    /// What there is to do in all.
    pub all: u64,
}

impl Progress {
    /// How far `tracker` is at `now`. What waits counts by the mean of the steps whose time is known
    /// and that have not begun: Nix does not say which they are. Where no time is known, it counts by
    /// what this build's own took so far.
    #[must_use]
    pub fn of(tracker: &Tracker, graph: &StepGraph<'_>, times: &Times, now: u64) -> Self {
        let (built, expected) = tracker.counts();
        let known = |job: &Running| {
            let step = job.step().and_then(|step| graph.id(&step.platform, &step.step));
            step.and_then(|id| times.of(graph, id))
        };
        let begun: u64 = tracker.jobs.iter().filter_map(known).sum();
        let number = tracker.jobs.iter().filter(|job| known(job).is_some()).count() as u64;
        let sum: u64 = times.steps.values().sum();
        let rest = (times.steps.len() as u64).saturating_sub(number);
        let mean = sum.saturating_sub(begun).checked_div(rest);
        let mean = mean.unwrap_or_else(|| so_far(tracker, now)).max(1);
        let mut progress = Self { built, expected, ..Self::default() };
        for job in &tracker.jobs {
            let took = job.end.unwrap_or(now).saturating_sub(job.start);
            match (job.end, job.status) {
                (None, _) => {
                    progress.running += 1;
                    progress.done += took;
                    progress.all += known(job).unwrap_or(mean).max(took);
                }
                (Some(_), status) => {
                    progress.failed += usize::from(status == Some(Status::Failed));
                    progress.done += took;
                    progress.all += took;
                }
            }
        }
        let waiting = progress.waiting();
        progress.all = progress.all.saturating_add(waiting.saturating_mul(mean)).max(1);
        progress
    }

    /// How many wait to be built.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        let begun = self.built + self.running as u64 + self.failed as u64;
        self.expected.saturating_sub(begun)
    }

    /// The counts, the time, and how long it will take where that can be told.
    #[must_use]
    pub fn words(&self, now: u64) -> String {
        let mut words = Vec::new();
        if self.failed > 0 {
            words.push(format!("{} failed", self.failed));
        }
        if self.waiting() > 0 {
            words.push(format!("{} waiting", self.waiting()));
        }
        words.push(duration(now));
        // By the pace so far, once there is one.
        let left = self.all.saturating_sub(self.done);
        if self.done > 2 * UNKNOWN && left > 0 && now > 0 {
            let rest = u128::from(left) * u128::from(now) / u128::from(self.done);
            let rest = u64::try_from(rest).unwrap_or(u64::MAX);
            words.push(format!("about {} left", duration(rest)));
        }
        words.join(", ")
    }
}

/// What a derivation of this build took so far, on the whole: of a first build nothing else is known.
fn so_far(tracker: &Tracker, now: u64) -> u64 {
    let took = tracker.jobs.iter().map(|job| job.end.unwrap_or(now).saturating_sub(job.start));
    let mean = took.sum::<u64>().checked_div(tracker.jobs.len() as u64);
    mean.unwrap_or(UNKNOWN).max(UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::{Progress, so_far};
    use crate::build::line::{Activity, Line};
    use crate::build::tracker::Tracker;

    #[test]
    fn without_known_times_those_of_this_build_count() {
        let mut tracker = Tracker::default();
        assert_eq!(so_far(&tracker, 90_000), 1_000);
        for id in 0..2 {
            let (drv, machine) = (format!("/no/store/{id}.drv"), String::new());
            tracker.take(0, Line::Start { id, activity: Activity::Build { drv, machine } });
        }
        tracker.take(10_000, Line::Stop { id: 0 });
        assert_eq!(so_far(&tracker, 30_000), 20_000);
        assert_eq!(so_far(&tracker, 0), 5_000);
    }

    #[test]
    fn the_words() {
        let progress =
            Progress { built: 3, expected: 10, failed: 1, running: 2, done: 10_000, all: 30_000 };
        assert_eq!(progress.words(5_000), "1 failed, 4 waiting, 5.0s, about 10.0s left");
        let begun = Progress { expected: 2, running: 2, done: 100, all: 2000, ..progress };
        assert_eq!(Progress { built: 0, failed: 0, ..begun }.words(65_000), "1m05s");
    }
}
