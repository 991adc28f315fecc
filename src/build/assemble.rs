//! Makes a record of what was tracked.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;

use super::derivation::{Subject, drv_name};
use super::record::{
    CacheUse, FORMAT_VERSION, Fetch, Job, Outcome, Processors, Record, Scope, Status,
};
use super::tracker::{Running, Tracker};
use crate::graph;
use crate::model::document::StepRef;
use crate::model::split;
use crate::review::StepGraph;

/// What a build was, beside what its lines tell.
pub struct Facts {
    /// The profile.
    pub profile: String,
    /// The command that ran.
    pub command: Vec<String>,
    /// When it started: seconds since 1970.
    pub started: u64,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// What there was to do.
    pub scope: Option<Scope>,
    /// What the compile cache did.
    pub cache: Option<CacheUse>,
    /// How busy the processors were.
    pub processors: Option<Processors>,
}

impl Record {
    /// The record of a build that has ended; `makers` are the steps by the paths that they make.
    #[must_use]
    pub fn new(
        facts: Facts,
        tracker: &Tracker,
        graph: &StepGraph<'_>,
        makers: &BTreeMap<&str, &StepRef>,
    ) -> Self {
        let jobs: Vec<Job> = tracker.jobs.iter().map(|running| job(running, graph)).collect();
        let fetched = tracker.fetches.iter().map(|fetch| Fetch {
            step: makers.get(fetch.path.as_str()).map(|step| (*step).clone()),
            name: fetch.name().to_owned(),
            from: fetch.from.clone(),
            start: fetch.start,
            end: fetch.end.unwrap_or(fetch.start),
        });
        let mut record = Self {
            format_version: FORMAT_VERSION,
            selection: graph.document.selection.clone(),
            profile: facts.profile,
            command: facts.command,
            started: facts.started,
            milliseconds: facts.milliseconds,
            outcome: facts.outcome,
            planned: graph.document.count(),
            fetched: fetched.collect(),
            scope: facts.scope,
            cache: facts.cache,
            processors: facts.processors,
            blocked: blocked(&jobs, graph),
            critical: Vec::new(),
            jobs,
        };
        record.critical = critical(&record, graph);
        record
    }
}

/// The steps that are there because of this build.
#[must_use]
pub fn done(tracker: &Tracker, makers: &BTreeMap<&str, &StepRef>) -> BTreeSet<StepRef> {
    let built = tracker.jobs.iter().filter(|job| job.status == Some(Status::Built));
    let fetched = tracker.fetches.iter().filter_map(|fetch| makers.get(fetch.path.as_str()));
    built.filter_map(Running::step).chain(fetched.copied()).cloned().collect()
}

fn job(running: &Running, graph: &StepGraph<'_>) -> Job {
    let id = running.step().and_then(|step| graph.id(&step.platform, &step.step));
    let kind = match (&running.subject, id) {
        (_, Some(id)) => graph.graph[id].kind(),
        (Subject::Step(step), None) if step.step.ends_with(split::SUFFIX) => "metadata step",
        (Subject::Step(step), None) => of_check(&step.step),
        (Subject::Package(_), _) => "package",
        (Subject::Source, _) => "source",
        (Subject::Other, _) => "other",
    };
    Job {
        step: running.step().cloned(),
        name: drv_name(&running.drv).to_owned(),
        kind: kind.to_owned(),
        status: running.status.unwrap_or(Status::Stopped),
        machine: running.machine.clone(),
        start: running.start,
        end: running.end.unwrap_or(running.start),
    }
}

/// What a step that compiles nothing does, by its name (`templates/lib/checks.nix`).
fn of_check(name: &str) -> &'static str {
    // A program that is run in parts has the part's number behind it.
    match name.rsplit(':').find(|part| !part.contains("-of-")) {
        Some("test") => "test run",
        Some("bench") => "benchmark run",
        Some("clippy") => "clippy run",
        Some("fmt") => "format check",
        Some("reports") => "collected report",
        Some("site") => "joined site",
        Some("docs") => "collected site",
        Some("coverage") => "coverage report",
        Some("checks") => "gate",
        _ => "step",
    }
}

/// The steps that need one that failed.
fn blocked(jobs: &[Job], graph: &StepGraph<'_>) -> Vec<StepRef> {
    let failed = jobs.iter().filter(|job| job.status == Status::Failed);
    let failed = failed.filter_map(|job| job.step.as_ref());
    let failed: Vec<NodeIndex> =
        failed.filter_map(|step| graph.id(&step.platform, split::whole(&step.step))).collect();
    let all = graph.rebuilds(failed.iter().copied());
    let blocked = all.into_iter().filter(|id| !failed.contains(id));
    blocked.map(|id| graph.reference(id)).collect()
}

/// The chain of built steps that took longest.
fn critical(record: &Record, graph: &StepGraph<'_>) -> Vec<StepRef> {
    let times = record.times();
    if !times.any() {
        return Vec::new();
    }
    let (path, _) = graph::longest_path(&graph.graph, |id| times.weight(graph, id));
    let timed = path.into_iter().filter(|id| times.of(graph, *id).is_some());
    timed.map(|id| graph.reference(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::of_check;

    #[test]
    fn checks_by_their_names() {
        for (name, wanted) in [
            ("app-0.1.0:bin-test:app:test", "test run"),
            ("app-0.1.0:test:cli:test:2-of-4", "test run"),
            ("app-0.1.0:bench:speed:bench", "benchmark run"),
            ("app-0.1.0:check:test:cli:clippy", "clippy run"),
            ("app-0.1.0:check:fmt", "format check"),
            ("all:reports", "collected report"),
            ("all:site", "joined site"),
            ("all:docs", "collected site"),
            ("all:coverage", "coverage report"),
            ("app:checks", "gate"),
            ("what-nobody-knows", "step"),
        ] {
            assert_eq!(of_check(name), wanted, "{name}");
        }
    }
}
