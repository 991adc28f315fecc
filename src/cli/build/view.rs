//! What is seen while Nix builds: bars on a terminal, else a line for each thing that is done.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};

use clap::ValueEnum;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::build::Status;
use crate::build::progress::Progress;
use crate::build::silence::Told;
use crate::build::tracker::{JobId, Running, Tracker, plain};
use crate::review::{StepGraph, Times};
use crate::text::paint::Paint;
use crate::text::words::{duration, plain as word};

/// The most steps that have a line of their own.
const LINES: usize = 8;

/// From how many milliseconds on it is told what a step holds up.
const SLOW: u64 = 10_000;

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Colour {
    fn paint(self, terminal: bool) -> Paint {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Paint::new(match self {
            Self::Auto => terminal && !unwanted,
            Self::Always => true,
            Self::Never => false,
        })
    }
}

/// How much is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// What is at work, in place.
    Bars,
    /// What is done, line by line.
    Lines,
    /// Only what must be.
    Quiet,
}

/// The display, on stderr.
pub struct View<'g, 'd> {
    mode: Mode,
    logs: bool,
    paint: Paint,
    graph: &'g StepGraph<'d>,
    times: Times,
    /// How many steps of the plan each job holds up.
    held: BTreeMap<JobId, usize>,
    all: MultiProgress,
    total: ProgressBar,
    /// Whether it is known by now that there is something to build.
    begun: bool,
    lines: Vec<ProgressBar>,
}

impl<'g, 'd> View<'g, 'd> {
    /// A display; `logs` shows the logs of all steps, `times` are those of earlier builds.
    pub fn new(
        quiet: bool,
        logs: bool,
        colour: Colour,
        graph: &'g StepGraph<'d>,
        times: Times,
    ) -> Self {
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let terminal = std::io::stderr().is_terminal() && !dumb;
        let mode = match (quiet, terminal) {
            (true, _) => Mode::Quiet,
            (false, true) => Mode::Bars,
            (false, false) => Mode::Lines,
        };
        let target = match mode {
            Mode::Bars => ProgressDrawTarget::stderr(),
            Mode::Lines | Mode::Quiet => ProgressDrawTarget::hidden(),
        };
        Self { mode, logs, ..Self::on(target, terminal, colour, graph, times) }
    }

    /// A display of bars on `target`, which is a `terminal` or only looks like one.
    fn on(
        target: ProgressDrawTarget,
        terminal: bool,
        colour: Colour,
        graph: &'g StepGraph<'d>,
        times: Times,
    ) -> Self {
        let all = MultiProgress::with_draw_target(target);
        let total = all.add(ProgressBar::new(0));
        total.set_style(style("Nix reads the plan {msg}"));
        let (paint, held, lines) = (colour.paint(terminal), BTreeMap::new(), Vec::new());
        let (mode, logs) = (Mode::Bars, false);
        Self { mode, logs, paint, graph, times, held, all, total, begun: false, lines }
    }

    /// Shows what is at work: a bar by the times that are known, and a line for each step. Lines
    /// that are there stay until the end, so that nothing jumps.
    pub fn draw(&mut self, now: u64, tracker: &Tracker) {
        if self.mode != Mode::Bars {
            return;
        }
        let progress = Progress::of(tracker, self.graph, &self.times, now);
        if progress.expected > 0 && !self.begun {
            self.begun = true;
            self.total.set_style(style("{prefix} {wide_bar} {msg}"));
        }
        self.total.set_length(progress.all);
        self.total.set_position(progress.done);
        self.total.set_prefix(place(tracker));
        self.total.set_message(progress.words(now));
        let running: Vec<(JobId, &Running)> =
            tracker.jobs.iter().enumerate().filter(|(_, job)| job.end.is_none()).collect();
        let hidden = running.len().saturating_sub(LINES);
        let mut texts: Vec<String> =
            running.iter().take(LINES).map(|(id, job)| self.at_work(now, *id, job)).collect();
        // Builders that are full, slow to answer or gone: nothing is at work, and this is why.
        if running.is_empty() && !tracker.waiting.is_empty() {
            texts.push(format!("          {} for a free builder", waiting(tracker.waiting.len())));
        }
        if hidden > 0 {
            texts.push(format!("          and {hidden} more"));
        }
        while self.lines.len() < texts.len() {
            let line = self.all.add(ProgressBar::new_spinner());
            line.set_style(style("{wide_msg}"));
            self.lines.push(line);
        }
        texts.resize(self.lines.len(), String::new());
        for (line, text) in self.lines.iter().zip(texts) {
            line.set_message(text);
        }
    }

    /// A job that is built: how long by now, its name, what waits for it, its last words.
    fn at_work(&mut self, now: u64, id: JobId, job: &Running) -> String {
        let took = now.saturating_sub(job.start);
        let graph = self.graph;
        let held = self.held.entry(id).or_insert_with(|| {
            let step = job.step().and_then(|step| graph.id(&step.platform, &step.step));
            step.map_or(0, |id| graph.rebuilds([id]).len().saturating_sub(1))
        });
        let held = match *held {
            0 => String::new(),
            _ if took < SLOW => String::new(),
            held => format!("  (holds up {held})"),
        };
        let last = job.log.iter().rev().find(|line| !line.trim().is_empty());
        let last = last.map(|line| format!("  {}", word(&plain(line)))).unwrap_or_default();
        let (took, name, on) = (duration(took), word(&job.label()), job.place());
        format!("  {took:>7} {name}{on}{held}{}", self.paint.faint(&last))
    }

    /// A job is done: its line goes by, above what is at work.
    pub fn built(&self, tracker: &Tracker, job: JobId) {
        if self.mode != Mode::Quiet {
            let job = &tracker.jobs[job];
            let took = duration(job.end.unwrap_or(job.start).saturating_sub(job.start));
            let place = self.paint.good(&position(tracker));
            self.print(&format!(
                "{place} {} {}",
                word(&job.label()),
                self.paint.faint(&format!("{took}{}", job.place()))
            ));
        }
    }

    /// A job failed; what it said comes at the end.
    pub fn failed(&self, tracker: &Tracker, job: JobId) {
        let job = &tracker.jobs[job];
        let took = duration(job.end.unwrap_or(job.start).saturating_sub(job.start));
        let (place, failed) = (position(tracker), self.paint.bad("FAILED"));
        let on = job.place();
        self.print(&format!("{place} {} {failed} after {took}{on}", word(&job.label())));
    }

    /// A path came from a cache.
    pub fn fetched(&self, tracker: &Tracker, fetch: usize) {
        if self.mode != Mode::Quiet {
            let fetch = &tracker.fetches[fetch];
            let (name, from) = (word(fetch.name()), word(&fetch.from));
            self.say(&format!("{} {name} from {from}", position(tracker)));
        }
    }

    /// A job's log has a line more.
    pub fn log(&self, job: &Running, line: &str) {
        if self.logs {
            self.say(&format!("{}> {}", word(&job.label()), plain(line)));
        }
    }

    /// What a step of the workspace warns of; with all logs it has been shown.
    pub fn warnings(&self, text: Option<&str>) {
        if let Some(text) = text.filter(|_| !self.logs) {
            self.say(text);
        }
    }

    /// Nix says nothing. Of what is at work here the bars tell.
    pub fn silent(&self, told: &Told) {
        if self.mode == Mode::Lines || self.mode == Mode::Bars && !told.is_here {
            self.say(&told.text);
        }
    }

    /// Nix speaks: errors and warnings in any case, other things where one may listen.
    pub fn said(&self, level: u64, text: &str) {
        if level <= 1 || self.mode != Mode::Quiet {
            self.say(text);
        }
    }

    /// A text above the bars. Nobody left to read it is no error.
    pub fn say(&self, text: &str) {
        self.print(&plain(text));
    }

    /// As [`Self::say`], of a text of our own, which may have colours.
    fn print(&self, text: &str) {
        let text = text.trim_end_matches('\n');
        self.all.suspend(|| {
            let _ = writeln!(std::io::stderr(), "{text}");
        });
    }

    /// Takes the bars away.
    pub fn clear(&mut self) {
        for line in self.lines.drain(..) {
            line.finish_and_clear();
        }
        self.total.finish_and_clear();
    }
}

fn waiting(number: usize) -> String {
    if number == 1 { "1 derivation waits".to_owned() } else { format!("{number} derivations wait") }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates are right")
}

/// `[12/45]`: what is done of what there is to do, as far as Nix knows.
fn position(tracker: &Tracker) -> String {
    format!("[{}]", place(tracker))
}

/// `12/45`. What failed is no longer expected by Nix, but was there to do.
fn place(tracker: &Tracker) -> String {
    let (done, expected) = tracker.counts();
    let failed = tracker.jobs.iter().filter(|job| job.status == Some(Status::Failed)).count();
    format!("{done}/{}", expected.max(done.saturating_add(failed as u64)))
}

#[cfg(test)]
mod tests {
    use indicatif::{InMemoryTerm, ProgressDrawTarget};

    use super::{Colour, View};
    use crate::build::line::{Activity, Line, Report};
    use crate::build::tracker::Tracker;
    use crate::build::{Known, Subject};
    use crate::model::document::StepRef;
    use crate::model::{Document, Plan};
    use crate::plan_file::json;
    use crate::review::{StepGraph, Times};

    fn known(step: &str) -> Known {
        let step = StepRef { platform: "host".to_owned(), step: step.to_owned() };
        Known { subject: Subject::Step(step), outputs: Vec::new(), inputs: Vec::new() }
    }

    /// A terminal on which a build of 45 steps is under way: three are done, one failed, and as many
    /// as `running` are at work.
    fn screen(rows: u16, columns: u16, running: u64) -> String {
        let document: Document = json::document(&Plan::default());
        let graph = StepGraph::of(&document).expect("no step needs itself");
        let term = InMemoryTerm::new(rows, columns);
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(term.clone()), 255);
        let mut view = View::on(target, false, Colour::Never, &graph, Times::default());
        let mut tracker = Tracker::default();
        // While Nix reads the plan, nobody knows how much there is to do.
        view.draw(0, &tracker);
        assert!(term.contents().starts_with("Nix reads the plan"), "{}", term.contents());
        tracker.take(0, Line::Start { id: 1, activity: Activity::Builds });
        let progress = Report::Progress { done: 3, expected: 45 };
        tracker.take(0, Line::Result { id: 1, report: progress });
        for at in 0..running {
            let drv = format!("/no/store/{at:032}-crate-{at}.drv");
            let activity = Activity::Build { drv, machine: String::new() };
            tracker.take(at * 700, Line::Start { id: at + 2, activity });
            let job = tracker.jobs.len() - 1;
            tracker.describe(job, &known(&format!("crate-{at}-1.{at}.0")));
            let words = format!("compiling the {at}. part of something with a long name and more");
            tracker.take(at * 700, Line::Result { id: at + 2, report: Report::Log(words) });
        }
        // Bars are not drawn more often than can be seen; the second time shows them all.
        view.draw(65_000, &tracker);
        std::thread::sleep(std::time::Duration::from_millis(100));
        view.draw(65_000, &tracker);
        let drawn = term.contents();
        view.clear();
        assert_eq!(term.contents(), "", "the bars stay");
        drawn
    }

    fn fits(screen: &str, rows: usize, columns: usize) {
        assert!(screen.lines().count() <= rows, "{screen}");
        for line in screen.lines() {
            assert!(line.chars().count() <= columns, "{line}");
        }
    }

    #[test]
    fn eighty_columns() {
        let drawn = screen(24, 80, 12);
        fits(&drawn, 24, 80);
        insta::assert_snapshot!(drawn);
    }

    #[test]
    fn two_hundred_columns() {
        let drawn = screen(50, 200, 12);
        fits(&drawn, 50, 200);
        insta::assert_snapshot!(drawn);
    }

    #[test]
    fn what_failed_was_there_to_do() {
        let mut tracker = Tracker::default();
        let (drv, machine) = ("/no/store/a.drv".to_owned(), String::new());
        tracker.take(0, Line::Start { id: 1, activity: Activity::Builds });
        tracker.take(0, Line::Start { id: 2, activity: Activity::Build { drv, machine } });
        let text = "error: builder for '/no/store/a.drv' failed".to_owned();
        tracker.take(1, Line::Message { level: 0, text });
        let report = Report::Progress { done: 0, expected: 0 };
        tracker.take(1, Line::Result { id: 1, report });
        assert_eq!(super::position(&tracker), "[0/1]");
    }

    #[test]
    fn a_small_terminal() {
        fits(&screen(6, 30, 12), 6, 30);
    }
}
