//! One build from its first line to its record.

use super::Args;
use super::view::View;
use crate::build::assemble::{Facts, done};
use crate::build::report::failure;
use crate::build::run::Event;
use crate::build::store::Store;
use crate::build::tracker::{JobId, Notice, Tracker};
use crate::build::warnings::Warnings;
use crate::build::{Outcome, Record, Status};
use crate::review::StepGraph;

/// A build that is under way.
pub struct Session<'g, 'd> {
    graph: &'g StepGraph<'d>,
    tracker: Tracker,
    store: Store,
    warnings: Warnings,
    view: View,
}

impl<'g, 'd> Session<'g, 'd> {
    /// A build of the plan.
    pub fn new(args: &Args, graph: &'g StepGraph<'d>) -> Self {
        Self {
            graph,
            tracker: Tracker::default(),
            store: Store::new(graph),
            warnings: Warnings::default(),
            view: View::new(args.quiet, args.print_build_logs),
        }
    }

    /// Takes what happens.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Line(now, line) => {
                if let Some(notice) = self.tracker.take(now, line) {
                    self.notice(notice);
                }
            }
            Event::Tick(now) => self.view.draw(now, &self.tracker),
            Event::Signal(_) => {
                self.view.say("interrupted: waiting for Nix to stop its builders");
            }
        }
    }

    fn notice(&mut self, notice: Notice) {
        match notice {
            Notice::Began(job) => {
                let drv = self.tracker.jobs[job].drv.clone();
                self.tracker.describe(job, self.store.known(&drv));
            }
            Notice::Log(job, line) => self.view.log(&self.tracker.jobs[job], &line),
            Notice::Ended(job) => self.ended(job),
            // Before its end nobody knows its whole log.
            Notice::Failed(job) if self.tracker.jobs[job].end.is_some() => self.failed(job),
            Notice::Failed(_) => {}
            Notice::Fetched(fetch) => self.view.fetched(&self.tracker, fetch),
            Notice::Said(level, text) => self.view.said(level, &text),
            Notice::Text(text) => self.view.say(&text),
        }
    }

    fn ended(&mut self, job: JobId) {
        let there = self.store.there(&self.tracker.jobs[job].drv);
        // The log of what is known to be built is not kept.
        let warnings = self.warnings.of(&self.tracker.jobs[job], self.graph);
        match self.tracker.settle(job, there) {
            Status::Built => {
                self.view.built(&self.tracker, job);
                self.view.warnings(warnings.as_deref());
            }
            Status::Failed => self.failed(job),
            // Nix may say yet that it failed.
            Status::Stopped => {}
        }
    }

    fn failed(&mut self, job: JobId) {
        self.view.say(&failure::job(&self.tracker.jobs[job]));
    }

    /// Ends the display. What neither ended well nor was named as failed is shown after a failure
    /// that nothing else explains.
    pub fn finish(&mut self, now: u64, outcome: Outcome) {
        self.tracker.finish(now, outcome == Outcome::Done);
        self.view.clear();
        if outcome != Outcome::Failed {
            return;
        }
        let with = |wanted: Status| {
            let jobs = self.tracker.jobs.iter().enumerate();
            let ids = jobs.filter(move |(_, job)| job.status == Some(wanted)).map(|(id, _)| id);
            ids.collect::<Vec<JobId>>()
        };
        if with(Status::Failed).is_empty() {
            for job in with(Status::Stopped) {
                self.failed(job);
            }
        }
    }

    /// What is left of the build; `tops` are the derivations that were asked for.
    pub fn record(&mut self, facts: Facts, tops: &[String]) -> Record {
        let scope = {
            // Reads all that was asked for, so that fetched paths have their steps.
            self.store.scope(tops, &Default::default());
            let done = done(&self.tracker, &self.store.makers());
            self.store.scope(tops, &done)
        };
        let facts = Facts { scope, ..facts };
        Record::new(facts, &self.tracker, self.graph, &self.store.makers())
    }
}
