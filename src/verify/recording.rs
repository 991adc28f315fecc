//! What a recorded build consists of, and how it is read back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::args;
use super::call::RustcCall;
use super::checks::recorded::{self, RecordedCheck};
use super::environment::{self, Baseline, Process, Variables};
use super::error::RecordError;
use super::files::outputs::{self, Left};
use super::files::seen::Seen;
use super::links::{self, Links};
use super::normalise;
pub use super::normalise::TARGET_DIR;
pub use super::package_name::PackageName;
use super::raw_call::RawCalls;

/// Everything that Cargo ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// First line of `cargo -V`.
    pub cargo_version: String,
    /// The triples that were given to Cargo as `--target`.
    pub targets: Vec<String>,
    /// The workspace's root directory, its real place.
    pub workspace_root: Utf8PathBuf,
    /// What the user should know about how the recording was made.
    pub notes: Vec<String>,
    /// Cargo's own environment.
    pub baseline: Baseline,
    /// One rustc run for each compiled unit, in a stable order.
    pub units: Vec<RecordedRustc>,
    /// One for each build script that ran, in a stable order.
    pub runs: Vec<RecordedRun>,
    /// What Cargo's checks called, in a stable order.
    #[serde(default)]
    pub checks: Vec<RecordedCheck>,
}

impl Recording {
    /// What a call saw of the source tree, where that was watched; calls count as units, then runs, then
    /// checks, of which none is.
    #[must_use]
    pub fn seen(&self, call: usize) -> Option<&Seen> {
        match self.units.get(call) {
            Some(unit) => unit.seen.as_ref(),
            None => self.runs.get(call - self.units.len())?.seen.as_ref(),
        }
    }

    /// How many of Cargo's units were recorded.
    pub fn len(&self) -> usize {
        self.units.len() + self.runs.len() + self.checks.len()
    }

    /// This recording with that of another target of the same workspace; what both ran (host
    /// units) is there once.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.units.extend(other.units);
        self.runs.extend(other.runs);
        self.checks.extend(other.checks);
        self.targets.extend(other.targets);
        self.notes.extend(other.notes);
        self.notes.dedup();
        self.once()
    }

    /// This recording with each call once, however often it was made.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.units = first_of_each(self.units, RecordedRustc::is_called_as);
        self.runs = first_of_each(self.runs, RecordedRun::is_called_as);
        self.checks = first_of_each(self.checks, RecordedCheck::is_called_as);
        self.units.sort();
        self.runs.sort();
        self.checks.sort();
        self
    }

    /// Whether Cargo had nothing to do.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty() && self.runs.is_empty() && self.checks.is_empty()
    }
}

/// Of those that are the same the first.
fn first_of_each<T>(all: Vec<T>, same: impl Fn(&T, &T) -> bool) -> Vec<T> {
    let mut known: Vec<T> = Vec::new();
    for one in all {
        if !known.iter().any(|other| same(other, &one)) {
            known.push(one);
        }
    }
    known
}

/// One rustc run of Cargo's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordedRustc {
    /// The package, from Cargo's own variables.
    pub package: PackageName,
    /// Arguments without the program.
    pub args: Vec<String>,
    /// Variables that Cargo set.
    pub env: Variables,
    /// Variables that Cargo took away.
    pub unset: BTreeSet<String>,
    /// Working directory.
    pub cwd: Utf8PathBuf,
    /// The files that it saw, where they were watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

impl RecordedRustc {
    fn is_called_as(&self, other: &Self) -> bool {
        self.args == other.args
            && self.cwd == other.cwd
            && environment::are_same(&self.env, &other.env)
    }

    /// The call, understood.
    pub fn call(&self) -> RustcCall {
        RustcCall::from_flags(&args::parse(&self.args))
    }
}

/// One run of a build script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordedRun {
    /// The package, from Cargo's own variables.
    pub package: PackageName,
    /// The program as Cargo called it: its directory is the `--out-dir` of its compilation.
    pub program: Utf8PathBuf,
    /// Variables that Cargo set.
    pub env: Variables,
    /// Variables that Cargo took away.
    pub unset: BTreeSet<String>,
    /// Working directory.
    pub cwd: Utf8PathBuf,
    /// What the script wrote to its standard output: its directives. Lines need not be UTF-8.
    pub stdout: Vec<u8>,
    /// What it left in `OUT_DIR`, where that is part of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<BTreeMap<String, Left>>,
    /// The files that it saw, where they were watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

impl RecordedRun {
    fn is_called_as(&self, other: &Self) -> bool {
        self.program == other.program
            && self.cwd == other.cwd
            && environment::are_same(&self.env, &other.env)
    }
}

/// Whether what build scripts leave in `OUT_DIR` is part of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutDirs {
    /// Each file, by its digest.
    Read,
    /// Nobody compares them.
    Ignored,
}

/// What was recorded: units, runs of build scripts, checks.
pub(super) type Understood = (Vec<RecordedRustc>, Vec<RecordedRun>, Vec<RecordedCheck>);

/// Turns raw calls into what was recorded: only what Cargo set in the environment, and
/// [`TARGET_DIR`] for the directory `target_dir` that is about to go away, and no `links`. `roots`: the
/// workspace's real root, and as Cargo spells it.
pub(super) fn understand(
    calls: RawCalls,
    baseline: &Baseline,
    target_dir: &Utf8Path,
    roots: &[Utf8PathBuf; 2],
    links: &Links,
    out_dirs: OutDirs,
) -> Result<Understood, RecordError> {
    let place = |text: &str| links.resolve(&text.replace(target_dir.as_str(), TARGET_DIR));
    let places = |env: Variables| env.into_iter().map(|(k, v)| (k, place(&v))).collect();

    let mut units = Vec::with_capacity(calls.units.len());
    for call in calls.units {
        let change = baseline.change(Process::Rustc, &call.env);
        units.push(RecordedRustc {
            package: PackageName::from_env(&change.set),
            args: call.args.iter().map(|arg| place(arg)).collect(),
            cwd: place(links::started_in(&call.cwd, &change.set).as_str()).into(),
            env: places(change.set),
            unset: change.unset,
            seen: call.seen,
        });
    }
    let mut runs = Vec::with_capacity(calls.runs.len());
    for call in calls.runs {
        let change = baseline.change(Process::Script, &call.env);
        let package = PackageName::from_env(&change.set);
        let stdout = script_stdout(&package, &change.set)?;
        let left = (out_dirs == OutDirs::Read).then(|| {
            let places = outputs::of_cargo(&change.set, roots, target_dir.as_str());
            let out_dir = change.set.get("OUT_DIR").map_or("", String::as_str);
            outputs::left(Path::new(out_dir), &places)
        });
        runs.push(RecordedRun {
            package,
            program: place(call.args.first().map_or("", String::as_str)).into(),
            cwd: place(links::started_in(&call.cwd, &change.set).as_str()).into(),
            env: places(change.set),
            unset: change.unset,
            stdout: match std::str::from_utf8(&stdout) {
                Ok(text) => place(text).into_bytes(),
                Err(_) => normalise::replace_bytes(
                    &stdout,
                    target_dir.as_str().as_bytes(),
                    TARGET_DIR.as_bytes(),
                ),
            },
            left,
            seen: call.seen,
        });
    }
    let mut checks = Vec::with_capacity(calls.checks.len());
    for (tool, call) in calls.checks {
        let env = recorded::set_for(tool, baseline, &call.env);
        checks.push(RecordedCheck {
            tool,
            package: PackageName::from_env(&env),
            args: call.args.iter().map(|arg| place(arg)).collect(),
            cwd: place(links::started_in(&call.cwd, &env).as_str()).into(),
            env: places(env),
        });
    }
    units.sort();
    runs.sort();
    checks.sort();
    Ok((units, runs, checks))
}

/// Cargo keeps what a script printed beside `OUT_DIR`, in the file `output`, or since 1.100 in
/// `run/stdout`; the script itself thus keeps its own, untouched standard output.
fn script_stdout(package: &PackageName, env: &Variables) -> Result<Vec<u8>, RecordError> {
    let out_dir = env.get("OUT_DIR").map(Utf8PathBuf::from).unwrap_or_default();
    let beside = out_dir.parent().unwrap_or(&out_dir);
    fs::read(beside.join("output"))
        .or_else(|_| fs::read(beside.join("run").join("stdout")))
        .or_else(|_| fs::read(beside.join("stdout")))
        .map_err(|source| RecordError::NoScriptOutput { package: package.to_string(), source })
}
