//! Follows a build by its lines.

use std::collections::{BTreeMap, BTreeSet};

use super::derivation::{Known, Subject, drv_name};
use super::line::{Activity, Line, Report};
use super::machine;
use super::record::Status;
use crate::model::document::StepRef;
use crate::nix::stored;
use crate::text::visible;

/// A job's place in [`Tracker::jobs`].
pub type JobId = usize;

/// A derivation that is built, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// The `.drv` file.
    pub drv: String,
    /// What it is.
    pub subject: Subject,
    /// The machine that builds it; empty for this one.
    pub machine: String,
    /// The milliseconds at which it began.
    pub start: u64,
    /// The milliseconds at which it ended.
    pub end: Option<u64>,
    /// How it ended, where that is known.
    pub status: Option<Status>,
    /// Whether that is only what it looks like, since nobody knows what is there.
    pub assumed: bool,
    /// Its log so far; not kept of what is known to be built.
    pub log: Vec<String>,
    /// Why it failed, in Nix's words.
    pub reason: String,
}

impl Running {
    /// The step, if it is one's.
    #[must_use]
    pub fn step(&self) -> Option<&StepRef> {
        match &self.subject {
            Subject::Step(step) => Some(step),
            _ => None,
        }
    }

    /// Where it is built, to be read behind a time: nothing for this machine.
    #[must_use]
    pub fn place(&self) -> String {
        match machine::short(&self.machine) {
            "" => String::new(),
            machine => format!(" on {}", visible::line(machine)),
        }
    }

    /// A name for people: `serde-1.0.217 (host)`.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.subject {
            Subject::Step(step) => format!("{} ({})", step.step, step.platform),
            Subject::Package(name) => format!("{name} (package)"),
            Subject::Source | Subject::Other => drv_name(&self.drv).to_owned(),
        }
    }
}

/// A path that is taken from a binary cache, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetching {
    /// The path.
    pub path: String,
    /// The cache's address.
    pub from: String,
    /// The milliseconds at which it began.
    pub start: u64,
    /// The milliseconds at which it ended.
    pub end: Option<u64>,
}

impl Fetching {
    /// The path's name without its digest.
    #[must_use]
    pub fn name(&self) -> &str {
        stored::name(&self.path).unwrap_or(&self.path)
    }
}

/// What a line brought that somebody may want to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A job began; the tracker wants to be told what it is.
    Began(JobId),
    /// A line of a job's log.
    Log(JobId, String),
    /// A job ended; the tracker wants to be told how.
    Ended(JobId),
    /// Nix says that a job failed.
    Failed(JobId),
    /// A path was taken from a cache.
    Fetched(usize),
    /// Nix speaks, of no job.
    Said(u64, String),
    /// A line that is not Nix's.
    Text(String),
}

/// Whose an open activity is.
enum Open {
    Builds,
    Job(JobId),
    Fetch(usize),
}

/// The state of a build.
#[derive(Default)]
pub struct Tracker {
    /// The jobs in the order of beginning.
    pub jobs: Vec<Running>,
    /// The fetches in the order of beginning.
    pub fetches: Vec<Fetching>,
    /// What Nix counts: derivations that are built, and that there are to build.
    counts: BTreeMap<u64, (u64, u64)>,
    open: BTreeMap<u64, Open>,
    /// The derivations that wait for a machine that may build them, by activity.
    pub waiting: BTreeMap<u64, String>,
    /// What else Nix is at, in its own words, by activity.
    pub doing: BTreeMap<u64, String>,
}

impl Tracker {
    /// Takes a line that came at `now`, in milliseconds from the start.
    pub fn take(&mut self, now: u64, line: Line) -> Option<Notice> {
        match line {
            Line::Start { id, activity } => self.start(now, id, activity),
            Line::Stop { id } => self.stop(now, id),
            Line::Result { id, report } => self.report(id, report),
            Line::Message { level, text } => self.said(level, &text),
            Line::Text(text) => Some(Notice::Text(text)),
            Line::Other => None,
        }
    }

    fn start(&mut self, now: u64, id: u64, activity: Activity) -> Option<Notice> {
        match activity {
            Activity::Builds => {
                // One within another is a remote builder's own, which counts what is counted here.
                if !self.open.values().any(|open| matches!(open, Open::Builds)) {
                    self.open.insert(id, Open::Builds);
                }
                None
            }
            Activity::Build { drv, machine } => {
                // A remote builder (`ssh-ng`) tells of its own part of a build that has begun here.
                let running = |job: &Running| job.end.is_none() && job.drv == drv;
                if let Some(job) = self.jobs.iter().rposition(running) {
                    self.open.insert(id, Open::Job(job));
                    return None;
                }
                self.jobs.push(Running {
                    drv,
                    machine,
                    subject: Subject::Other,
                    start: now,
                    end: None,
                    status: None,
                    assumed: false,
                    log: Vec::new(),
                    reason: String::new(),
                });
                let job = self.jobs.len() - 1;
                self.open.insert(id, Open::Job(job));
                Some(Notice::Began(job))
            }
            Activity::Substitute { path, from } => {
                self.fetches.push(Fetching { path, from, start: now, end: None });
                self.open.insert(id, Open::Fetch(self.fetches.len() - 1));
                None
            }
            Activity::Waiting { drv } => {
                self.waiting.insert(id, drv);
                None
            }
            Activity::Doing { text } => {
                self.doing.insert(id, text);
                None
            }
            Activity::Copy { .. } | Activity::Other => None,
        }
    }

    fn stop(&mut self, now: u64, id: u64) -> Option<Notice> {
        self.waiting.remove(&id);
        self.doing.remove(&id);
        match self.open.remove(&id)? {
            Open::Builds => None,
            // Until the last of its activities has ended, what it made may be on its way here.
            Open::Job(job) if self.is_open(job) => None,
            Open::Job(job) => {
                self.jobs[job].end = Some(now);
                Some(Notice::Ended(job))
            }
            Open::Fetch(fetch) => {
                self.fetches[fetch].end = Some(now);
                Some(Notice::Fetched(fetch))
            }
        }
    }

    fn is_open(&self, job: JobId) -> bool {
        self.open.values().any(|open| matches!(open, Open::Job(other) if *other == job))
    }

    fn report(&mut self, id: u64, report: Report) -> Option<Notice> {
        match (self.open.get(&id)?, report) {
            (Open::Builds, Report::Progress { done, expected }) => {
                self.counts.insert(id, (done, expected));
                None
            }
            (Open::Job(job), Report::Log(line)) => {
                self.jobs[*job].log.push(line.clone());
                Some(Notice::Log(*job, line))
            }
            _ => None,
        }
    }

    /// Nix speaks: of a job's failure, or of anything else.
    fn said(&mut self, level: u64, text: &str) -> Option<Notice> {
        let text = plain(text);
        if level == 0 {
            let is_meant = |job: &Running| {
                (job.assumed || job.status != Some(Status::Built))
                    && text.contains(&format!("'{}'", job.drv))
            };
            if let Some(job) = self.jobs.iter().rposition(is_meant) {
                let first = self.jobs[job].status != Some(Status::Failed);
                self.jobs[job].status = Some(Status::Failed);
                self.jobs[job].assumed = false;
                self.jobs[job].reason = reason(&text);
                return first.then_some(Notice::Failed(job));
            }
            let follows = text.contains("of derivation '") && text.contains("failed to build")
                || text.contains("Reason: ") && text.contains("dependenc");
            // What cannot be built because of a failure is told at the end, by the plan.
            if follows && self.jobs.iter().any(|job| job.status == Some(Status::Failed)) {
                return None;
            }
        }
        Some(Notice::Said(level, text))
    }

    /// Tells what a job is.
    pub fn describe(&mut self, job: JobId, known: &Known) {
        self.jobs[job].subject = known.subject.clone();
    }

    /// Tells whether what an ended job makes is there, where that is known: how it ended.
    pub fn settle(&mut self, job: JobId, there: Option<bool>) -> Status {
        let job = &mut self.jobs[job];
        let status = match (job.status, there) {
            (_, Some(true)) => Status::Built,
            (Some(status), _) => status,
            (None, Some(false)) => Status::Stopped,
            (None, None) => Status::Built,
        };
        if there == Some(true) {
            job.log = Vec::new();
        }
        job.assumed = there.is_none() && job.status.is_none();
        job.status = Some(status);
        status
    }

    /// How many derivations are built, and how many there are to build, as Nix counts.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        let sum =
            |a: (u64, u64), b: &(u64, u64)| (a.0.saturating_add(b.0), a.1.saturating_add(b.1));
        self.counts.values().fold((0, 0), sum)
    }

    /// Ends what is still open, at `now`. Where Nix says that all went well, what it ended is
    /// built, whatever else this machine knows of another's store.
    pub fn finish(&mut self, now: u64, success: bool) {
        self.open.clear();
        for job in &mut self.jobs {
            let ended = job.end.is_some();
            job.end.get_or_insert(now);
            match job.status {
                Some(Status::Stopped) | None if success && ended => {
                    job.status = Some(Status::Built);
                }
                None => job.status = Some(Status::Stopped),
                Some(_) => {}
            }
        }
        if !success {
            self.doubt();
        }
        for fetch in &mut self.fetches {
            fetch.end.get_or_insert(now);
        }
    }

    /// Where Nix was to keep going, it stopped nothing: what ended and is not there, failed. Of several that were asked for and
    /// failed, Nix 2.8 names one.
    pub fn nothing_was_stopped(&mut self) {
        let ended = self.jobs.iter_mut().filter(|job| job.end.is_some());
        for job in ended.filter(|job| job.status == Some(Status::Stopped)) {
            job.status = Some(Status::Failed);
        }
    }

    /// A job that Nix gave up ends in the stream as one that is done. Where nobody knows what is
    /// there, Nix's own count decides: of more ends than that, the last ones were no good ones.
    fn doubt(&mut self) {
        let (done, expected) = self.counts();
        if expected == 0 {
            return;
        }
        let built = |job: &Running| job.status == Some(Status::Built);
        let ends = self.jobs.iter().filter(|job| built(job)).count();
        let surplus = ends.saturating_sub(usize::try_from(done).unwrap_or(usize::MAX));
        let mut doubtful: Vec<&mut Running> =
            self.jobs.iter_mut().filter(|job| built(job) && job.assumed).collect();
        doubtful.sort_by_key(|job| std::cmp::Reverse(job.end));
        for job in doubtful.into_iter().take(surplus) {
            job.status = Some(Status::Stopped);
        }
    }

    /// Takes back the fetches of paths that were built: a cache that has lost what it names ends a fetch in the
    /// stream as one that went well, and Nix builds then. `made` gives what a derivation makes.
    pub fn take_back(&mut self, mut made: impl FnMut(&str) -> Vec<String>) {
        let built = self.jobs.iter().filter(|job| job.status == Some(Status::Built));
        let outputs: BTreeSet<String> = built.flat_map(|job| made(&job.drv)).collect();
        self.fetches.retain(|fetch| !outputs.contains(&fetch.path));
    }

    /// The jobs that are built at the moment.
    pub fn running(&self) -> impl Iterator<Item = &Running> {
        self.jobs.iter().filter(|job| job.end.is_none())
    }
}

/// Why a job failed, without the log and the advice that Nix adds.
fn reason(text: &str) -> String {
    let added = |line: &&str| {
        let line = line.trim_start().to_ascii_lowercase();
        !(line.starts_with("last ") && line.contains("log line")
            || line.starts_with("for full logs")
            || line.starts_with("output paths:"))
    };
    let lines: Vec<&str> = text.lines().take_while(added).map(str::trim).collect();
    lines.join(" ").trim_end_matches(';').to_owned()
}

/// A text without escape sequences and other characters that move a cursor; lines and tabs stay.
#[must_use]
pub fn plain(text: &str) -> String {
    let text = console::strip_ansi_codes(text);
    let kept = |c: char| !visible::steers(c) || c == '\n' || c == '\t';
    text.chars().filter(|c| kept(*c)).collect()
}
