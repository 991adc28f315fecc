//! Times out of files: of a build that was recorded, or of a log that somebody stamped.

use std::collections::BTreeSet;

use camino::Utf8Path;
use serde_json::Value;

use super::error::BuildError;
use super::line::Line;
use super::record::{FORMAT_VERSION, Record, Status};
use super::store::Store;
use super::tracker::{Notice, Tracker};
use crate::files::reader;
use crate::review::Times;

/// The most bytes of a timeline or a log.
const LIMIT: u64 = 512 << 20;

impl Record {
    /// The times of the steps that were built.
    #[must_use]
    pub fn times(&self) -> Times {
        let built = self.jobs.iter().filter(|job| job.status == Status::Built);
        let steps =
            built.filter_map(|job| Some((job.step.as_ref()?.to_string(), job.milliseconds())));
        Times { steps: steps.collect() }
    }
}

/// Reads the times of a file: a timeline, `{"steps": {...}}`, or a stamped log of Nix's.
///
/// # Errors
/// [`BuildError`] for a file that cannot be read or has no times in it.
pub fn read(path: &Utf8Path, store: &mut Store) -> Result<Times, BuildError> {
    // Logs of long builds with `-L` are long.
    let bytes = reader::bytes_within(path, LIMIT)?;
    times(path, &String::from_utf8_lossy(&bytes), store)
}

/// As [`read`], of a file's text.
///
/// # Errors
/// [`BuildError`] for a text that has no times in it.
pub fn times(path: &Utf8Path, text: &str, store: &mut Store) -> Result<Times, BuildError> {
    if !text.trim_start().starts_with('{') {
        return log(path, text, store);
    }
    let no_times = |error: serde_json::Error| BuildError::NoTimes {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let value: Value = serde_json::from_str(text).map_err(no_times)?;
    let version = value.get("format_version").and_then(Value::as_u64);
    if let Some(found) = version.filter(|version| *version != u64::from(FORMAT_VERSION)) {
        return Err(BuildError::Version { path: path.to_owned(), found, expected: FORMAT_VERSION });
    }
    if value.get("jobs").is_some() {
        let record: Record = serde_json::from_value(value).map_err(no_times)?;
        return Ok(record.times());
    }
    serde_json::from_value(value).map_err(no_times)
}

fn log(path: &Utf8Path, text: &str, store: &mut Store) -> Result<Times, BuildError> {
    let mut tracker = Tracker::default();
    // Jobs with a line that has no time of its own have no length either.
    let mut blurred: BTreeSet<usize> = BTreeSet::new();
    let (mut last, mut stamps, mut lines) = (0, 0_usize, 0_usize);
    for text in text.lines() {
        let (at, line) = Line::parse_stamped(text);
        if matches!(line, Line::Text(_)) {
            continue;
        }
        lines += 1;
        stamps += usize::from(at.is_some());
        last = at.unwrap_or(last);
        match tracker.take(last, line) {
            Some(Notice::Began(job)) => {
                let drv = tracker.jobs[job].drv.clone();
                tracker.describe(job, store.known(&drv));
                if at.is_none() {
                    blurred.insert(job);
                }
            }
            Some(Notice::Ended(job)) => {
                tracker.settle(job, None);
                if at.is_none() {
                    blurred.insert(job);
                }
            }
            _ => {}
        }
    }
    tracker.finish(last, false);
    match (lines, stamps) {
        (0, _) => Err(BuildError::NoTimes {
            path: path.to_owned(),
            reason: "it is neither JSON nor a log of Nix".to_owned(),
        }),
        (_, 0) => Err(BuildError::NoStamps { path: path.to_owned() }),
        _ => {
            let built = tracker
                .jobs
                .iter()
                .enumerate()
                .filter(|(id, job)| job.status == Some(Status::Built) && !blurred.contains(id));
            let steps = built.filter_map(|(_, job)| {
                let milliseconds = job.end?.saturating_sub(job.start);
                Some((job.step()?.to_string(), milliseconds))
            });
            Ok(Times { steps: steps.collect() })
        }
    }
}
