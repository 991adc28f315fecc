//! What is said of a build at its end.

use std::collections::BTreeMap;

use super::record::{Job, Record, Status};
use crate::model::document::StepRef;

/// How many of the longest steps are told.
const LONGEST: usize = 5;

/// The sums of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many steps were built.
    pub steps: usize,
    /// How many of each kind, by platform, `host` first.
    pub built: Vec<(String, Vec<(String, usize)>)>,
    /// What was built that is no step: sources, packages.
    pub others: Vec<(String, usize)>,
    /// How many jobs each machine built, where others took part; this one has no name.
    pub machines: Vec<(String, usize)>,
    /// How many paths came from each binary cache.
    pub fetched: Vec<(String, usize)>,
    /// How many of them are steps.
    pub fetched_steps: usize,
    /// How many jobs failed, and how many were stopped.
    pub failed: usize,
    /// How many jobs were stopped.
    pub stopped: usize,
    /// The longest steps, the longest first, with their milliseconds.
    pub longest: Vec<(StepRef, u64)>,
    /// The critical path with its milliseconds.
    pub critical: Vec<(StepRef, u64)>,
    /// The milliseconds of the critical path.
    pub critical_sum: u64,
    /// The milliseconds of all jobs together.
    pub sum: u64,
    /// The milliseconds before the first job or fetch began: planning's end to there.
    pub before: u64,
}

impl Summary {
    /// The sums of `record`.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let built = || record.jobs.iter().filter(|job| job.status == Status::Built);
        let with = |status| record.jobs.iter().filter(|job| job.status == status).count();
        let steps: Vec<(&StepRef, &Job)> =
            built().filter_map(|job| Some((job.step.as_ref()?, job))).collect();
        let mut by_platform: BTreeMap<(bool, &str), BTreeMap<&str, usize>> = BTreeMap::new();
        for (step, job) in &steps {
            let platform = (step.platform != "host", step.platform.as_str());
            *by_platform.entry(platform).or_default().entry(&job.kind).or_default() += 1;
        }
        let mut longest: Vec<(StepRef, u64)> =
            steps.iter().map(|(step, job)| ((*step).clone(), job.milliseconds())).collect();
        longest.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        longest.truncate(LONGEST);
        let times = record.times();
        let critical: Vec<(StepRef, u64)> = record
            .critical
            .iter()
            .filter_map(|step| Some((step.clone(), *times.steps.get(&step.to_string())?)))
            .collect();
        let starts = record.jobs.iter().map(|job| job.start);
        let first = starts.chain(record.fetched.iter().map(|fetch| fetch.start)).min();
        Self {
            steps: steps.len(),
            built: by_platform
                .into_iter()
                .map(|((_, platform), kinds)| (platform.to_owned(), counted(kinds)))
                .collect(),
            others: count(built().filter(|job| job.step.is_none()).map(|job| job.kind.as_str())),
            machines: match record.jobs.iter().all(|job| job.machine.is_empty()) {
                true => Vec::new(),
                false => count(built().map(|job| job.machine.as_str())),
            },
            fetched: count(record.fetched.iter().map(|fetch| fetch.from.as_str())),
            fetched_steps: record.fetched.iter().filter(|fetch| fetch.step.is_some()).count(),
            failed: with(Status::Failed),
            stopped: with(Status::Stopped),
            longest,
            critical_sum: critical.iter().map(|(_, time)| time).sum(),
            critical,
            sum: record.jobs.iter().map(Job::milliseconds).sum(),
            before: first.unwrap_or(record.milliseconds),
        }
    }
}

fn count<'w>(words: impl Iterator<Item = &'w str>) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    counted(counts)
}

/// The most frequent first.
fn counted(counts: BTreeMap<&str, usize>) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> =
        counts.into_iter().map(|(word, count)| (word.to_owned(), count)).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}
