//! What is seen while Nix builds: bars on a terminal, else a line for each thing that is done.

use std::io::{IsTerminal as _, Write as _};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::build::tracker::{JobId, Running, Tracker, plain};
use crate::text::words::{duration, plain as word};

/// The most steps that have a line of their own.
const LINES: usize = 8;

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
pub struct View {
    mode: Mode,
    logs: bool,
    all: MultiProgress,
    total: ProgressBar,
    lines: Vec<ProgressBar>,
}

impl View {
    /// A display; `logs` shows the logs of all steps.
    pub fn new(quiet: bool, logs: bool) -> Self {
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let mode = match (quiet, std::io::stderr().is_terminal() && !dumb) {
            (true, _) => Mode::Quiet,
            (false, true) => Mode::Bars,
            (false, false) => Mode::Lines,
        };
        let target = match mode {
            Mode::Bars => ProgressDrawTarget::stderr(),
            Mode::Lines | Mode::Quiet => ProgressDrawTarget::hidden(),
        };
        let all = MultiProgress::with_draw_target(target);
        let total = all.add(ProgressBar::new(0));
        total.set_style(style("Nix reads the plan {elapsed}"));
        Self { mode, logs, all, total, lines: Vec::new() }
    }

    /// Shows what is at work.
    pub fn draw(&mut self, now: u64, tracker: &Tracker) {
        if self.mode != Mode::Bars {
            return;
        }
        let (done, expected) = tracker.counts();
        if expected > 0 && self.total.length() == Some(0) {
            self.total.set_style(style("{pos}/{len} {wide_bar} {elapsed}"));
        }
        self.total.set_length(expected);
        self.total.set_position(done.min(expected));
        let running: Vec<&Running> = tracker.running().collect();
        let hidden = running.len().saturating_sub(LINES);
        let mut texts: Vec<String> =
            running.iter().take(LINES).map(|job| at_work(now, job)).collect();
        if hidden > 0 {
            texts.push(format!("          and {hidden} more"));
        }
        while self.lines.len() > texts.len() {
            if let Some(line) = self.lines.pop() {
                self.all.remove(&line);
            }
        }
        while self.lines.len() < texts.len() {
            let line = self.all.add(ProgressBar::new_spinner());
            line.set_style(style("{wide_msg}"));
            self.lines.push(line);
        }
        for (line, text) in self.lines.iter().zip(texts) {
            line.set_message(text);
        }
    }

    /// A job is done.
    pub fn built(&self, tracker: &Tracker, job: JobId) {
        if self.mode == Mode::Lines {
            let job = &tracker.jobs[job];
            let took = duration(job.end.unwrap_or(job.start).saturating_sub(job.start));
            self.say(&format!("{} {} {took}", position(tracker), word(&job.label())));
        }
    }

    /// A job failed; what it said comes at the end.
    pub fn failed(&self, tracker: &Tracker, job: JobId) {
        let job = &tracker.jobs[job];
        let took = duration(job.end.unwrap_or(job.start).saturating_sub(job.start));
        self.say(&format!("{} {} FAILED after {took}", position(tracker), word(&job.label())));
    }

    /// A path came from a cache.
    pub fn fetched(&self, tracker: &Tracker, fetch: usize) {
        if self.mode == Mode::Lines {
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

    /// Nix speaks: errors and warnings in any case, other things where one may listen.
    pub fn said(&self, level: u64, text: &str) {
        if level <= 1 || self.mode != Mode::Quiet {
            self.say(text);
        }
    }

    /// A text above the bars. Nobody left to read it is no error.
    pub fn say(&self, text: &str) {
        let text = plain(text);
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

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates are right")
}

/// `[12/45]`: what is done of what there is to do, as far as Nix knows.
fn position(tracker: &Tracker) -> String {
    let (done, expected) = tracker.counts();
    format!("[{done}/{}]", expected.max(done))
}

/// A job that is built: how long by now, its name, its last words.
fn at_work(now: u64, job: &Running) -> String {
    let time = duration(now.saturating_sub(job.start));
    let last = job.log.iter().rev().find(|line| !line.trim().is_empty());
    let last = last.map(|line| format!("  {}", word(&plain(line)))).unwrap_or_default();
    format!("  {time:>7} {}{last}", word(&job.label()))
}
