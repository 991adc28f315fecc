//! One build from its first line to its record.

use std::collections::BTreeSet;
use std::path::Path;

use camino::Utf8Path;

use super::Args;
use super::view::View;
use crate::build::assemble::{Facts, done};
use crate::build::processors::Looks;
use crate::build::report::failure;
use crate::build::run::Event;
use crate::build::silence::Silence;
use crate::build::store::{Store, registered};
use crate::build::tracker::{JobId, Notice, Running, Tracker};
use crate::build::trouble::Trouble;
use crate::build::warnings::Warnings;
use crate::build::{Outcome, Record, Status};
use crate::build::{hints, machine};
use crate::review::{StepGraph, Times};
use crate::text::visible;

/// A build that is under way.
pub struct Session<'g, 'd> {
    graph: &'g StepGraph<'d>,
    tracker: Tracker,
    store: Store,
    warnings: Warnings,
    view: View<'g, 'd>,
    verbose: bool,
    processors: Looks,
    silence: Silence,
    /// Nix's own errors and warnings.
    said: Vec<String>,
}

impl<'g, 'd> Session<'g, 'd> {
    /// A build of the plan.
    pub fn new(args: &Args, graph: &'g StepGraph<'d>, times: Times) -> Self {
        Self {
            graph,
            tracker: Tracker::default(),
            store: Store::new(graph),
            warnings: Warnings::default(),
            view: View::new(args.quiet, args.print_build_logs, args.color, graph, times),
            verbose: args.verbose,
            processors: Looks::default(),
            silence: Silence::default(),
            said: Vec::new(),
        }
    }

    /// Takes what happens.
    pub fn take(&mut self, event: Event) {
        match event {
            Event::Line(now, line) => {
                self.silence.broken(now);
                if let Some(notice) = self.tracker.take(now, line) {
                    self.notice(notice);
                }
            }
            Event::Tick(now) => {
                self.processors.look(now);
                if let Some(told) = self.silence.look(now, &self.tracker) {
                    self.view.silent(&told);
                }
                self.view.draw(now, &self.tracker);
            }
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
            Notice::Said(level, text) => {
                self.view.said(level, &text);
                if level <= 1 {
                    self.said.push(text);
                }
            }
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

    /// A step failed: its own words are kept for the end, where they are still seen.
    fn failed(&mut self, job: JobId) {
        self.view.failed(&self.tracker, job);
    }

    /// Ends the display; Nix was maybe to keep going where something failed.
    pub fn finish(&mut self, now: u64, outcome: Outcome, keeps_going: bool) {
        if keeps_going && outcome == Outcome::Failed {
            self.tracker.nothing_was_stopped();
        }
        self.tracker.finish(now, outcome == Outcome::Done);
        let store = &mut self.store;
        self.tracker.take_back(|drv| store.known(drv).outputs.clone());
        // A fetch that failed ends in the stream as one that went well.
        if outcome != Outcome::Done && self.is_of_this_store() {
            self.tracker.fetches.retain(|fetch| registered(Path::new(&fetch.path)));
        }
        self.view.clear();
    }

    /// Whether what Nix spoke of lies in the store here, and in no other machine's.
    fn is_of_this_store(&self) -> bool {
        let built = self.tracker.jobs.iter().map(|job| job.drv.as_str());
        let said = self.said.iter().flat_map(|text| text.split('\''));
        let mut drvs = built.chain(said).filter(|word| word.ends_with(".drv"));
        drvs.any(|drv| registered(Path::new(drv)))
    }

    /// What failed, with its own words and what cures it: the last that is said. What neither ended
    /// well nor was named as failed is told of where nothing else explains the failure. `has`
    /// tells whether the workspace has a file; `line` is the line of nix.conf that shows this
    /// machine's tools.
    pub fn failures(
        &self,
        has: &dyn Fn(&Utf8Path) -> bool,
        line: &dyn Fn() -> Option<String>,
    ) -> String {
        let with = |wanted: Status| {
            let jobs = self.tracker.jobs.iter();
            jobs.filter(move |job| job.status == Some(wanted)).collect::<Vec<&Running>>()
        };
        let mut failed = with(Status::Failed);
        let is_explained = !failed.is_empty();
        if failed.is_empty() {
            failed = with(Status::Stopped);
        }
        let mut troubles: BTreeSet<Trouble> =
            self.said.iter().filter_map(|text| Trouble::of(text)).collect();
        // A cache that is not there is a trouble of its own only where nothing else is.
        if is_explained {
            troubles.remove(&Trouble::Substituter);
            troubles.remove(&Trouble::CacheEntry);
        }
        let mut texts = Vec::new();
        let mut full: BTreeSet<&str> = BTreeSet::new();
        for job in failed {
            let own = Trouble::of_job(job).or_else(|| Trouble::of_lost(job, &self.said));
            let node = job.step().and_then(|step| self.graph.id(&step.platform, &step.step));
            let hints = match (own, node) {
                (Some(_), _) | (None, None) => Vec::new(),
                (None, Some(id)) => hints::of(&self.graph.graph[id], &job.log, has),
            };
            texts.push(failure::job(job, &hints, self.verbose));
            // Of what a builder said nothing about, Nix's own words are told.
            let is_of_disk = own == Some(Trouble::Disk) || own.is_none() && job.log.is_empty();
            if is_of_disk && !job.machine.is_empty() {
                full.insert(machine::short(&job.machine));
            }
            troubles.extend(own);
        }
        Trouble::explain(&mut troubles);
        for trouble in troubles {
            let mut lines: Vec<String> =
                trouble.cure().iter().map(|line| (*line).to_owned()).collect();
            if trouble == Trouble::Disk && !full.is_empty() {
                let names: Vec<String> = full.iter().map(|name| visible::line(name)).collect();
                lines.push(format!("      It is the disk of {}.", names.join(", ")));
            }
            if trouble == Trouble::SandboxPaths {
                let line = line().unwrap_or_else(|| "`rbn-plan doctor` says the line".to_owned());
                lines.push(format!("      {line}"));
            }
            if self.tracker.jobs.is_empty() && trouble.is_for_doctor() {
                lines.push(
                    "      `rbn-plan doctor` says whether anything else is missing.".to_owned(),
                );
            }
            texts.push(format!("{}\n", lines.join("\n")));
        }
        texts.join("\n")
    }

    /// Whether a check failed for want of a program of the toolchain's.
    #[must_use]
    pub fn lacks_program(&self) -> bool {
        let failed = self.tracker.jobs.iter().filter(|job| job.status == Some(Status::Failed));
        failed.flat_map(|job| &job.log).any(|line| hints::lacks_program(line))
    }

    /// What is left of the build; `tops` are the derivations that were asked for.
    pub fn record(&mut self, facts: Facts, tops: &[String]) -> Record {
        let scope = {
            // Reads all that was asked for, so that fetched paths have their steps.
            self.store.scope(tops, &Default::default());
            let done = done(&self.tracker, &self.store.makers());
            self.store.scope(tops, &done)
        };
        let facts = Facts { scope, processors: self.processors.taken(), ..facts };
        Record::new(facts, &self.tracker, self.graph, &self.store.makers())
    }
}
