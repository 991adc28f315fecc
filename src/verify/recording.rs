//! What a recorded build consists of, and how it is read back.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::args;
use super::call::RustcCall;
use super::checks::recorded::{self, RecordedCheck, Tool};
use super::environment::{self, Baseline, Process, Variables};
use super::error::RecordError;
use super::files::dep_info::DepInfo;
use super::files::outputs;
use super::files::seen::{Seen, Tree};
use super::files::{trace, tracer};
use super::links::{self, Links};
use super::normalise;
pub use super::normalise::TARGET_DIR;
pub use super::package_name::PackageName;

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
        let mut known: Vec<RecordedRustc> = Vec::new();
        for unit in std::mem::take(&mut self.units) {
            if !known.iter().any(|one| one.is_called_as(&unit)) {
                known.push(unit);
            }
        }
        self.units = known;
        let mut known: Vec<RecordedRun> = Vec::new();
        for run in std::mem::take(&mut self.runs) {
            if !known.iter().any(|one| one.is_called_as(&run)) {
                known.push(run);
            }
        }
        self.runs = known;
        let mut known: Vec<RecordedCheck> = Vec::new();
        for check in std::mem::take(&mut self.checks) {
            let same = |one: &RecordedCheck| {
                one.is_called_as(&check) && same_environment(&one.env, &check.env)
            };
            if !known.iter().any(same) {
                known.push(check);
            }
        }
        self.checks = known;
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

/// Whether two environments are one, but for what differs by itself.
fn same_environment(left: &Variables, right: &Variables) -> bool {
    let kept = |(name, _): &(&String, &String)| !environment::LEFT_OUT.contains(&name.as_str());
    left.iter().filter(kept).eq(right.iter().filter(kept))
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
        self.args == other.args && self.cwd == other.cwd && same_environment(&self.env, &other.env)
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
    /// The files that it saw, where they were watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

impl RecordedRun {
    fn is_called_as(&self, other: &Self) -> bool {
        self.program == other.program
            && self.cwd == other.cwd
            && same_environment(&self.env, &other.env)
    }
}

/// What the wrapper and the stub write down, as they see it: one file for each call.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RawCall {
    pub kind: RawKind,
    /// Of a run, with the program.
    pub args: Vec<String>,
    pub env: Variables,
    pub cwd: Utf8PathBuf,
    #[serde(skip)]
    pub seen: Option<Seen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawKind {
    /// Cargo's `rustc -vV`.
    Version,
    /// A unit's rustc run.
    Unit,
    /// A build-script run.
    Run,
    /// What a check calls.
    Check(Tool),
}

impl RawKind {
    /// What names of such a call's file begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Version => "version-",
            Self::Unit => "unit-",
            Self::Run => "run-",
            Self::Check(_) => "check-",
        }
    }
}

impl RawCall {
    /// The call that this process is.
    pub fn of_this_process(kind: RawKind, args: Vec<String>) -> io::Result<Self> {
        let cwd = std::env::current_dir()?.to_string_lossy().into_owned().into();
        Ok(Self { kind, args, env: environment::current(), cwd, seen: None })
    }

    /// Writes the call as a new file of `dir`, and says which; a reader sees the whole file or none.
    pub fn write(&self, dir: &Utf8Path) -> io::Result<PathBuf> {
        let part = tempfile::Builder::new()
            .prefix(self.kind.prefix())
            .suffix(".part")
            .rand_bytes(16)
            .tempfile_in(dir)?;
        {
            let mut writer = io::BufWriter::new(part.as_file());
            serde_json::to_writer(&mut writer, self)?;
            writer.flush()?;
        }
        let done = part.path().with_extension("json");
        part.persist_noclobber(&done).map_err(|error| error.error)?;
        Ok(done)
    }
}

impl RawCall {
    /// What the call saw, by its trace and by rustc's own word. A trace without an end has told what it
    /// could: something that the call left running is in it.
    fn seen(&self, file: &Path, tree: &Tree) -> Option<Seen> {
        if !file.exists() {
            return None;
        }
        tracer::wait_for(file);
        let text = fs::read(file).ok()?;
        let mut seen = tree.seen(trace::parse(&String::from_utf8_lossy(&text), self.cwd.as_str()));
        if self.kind == RawKind::Unit {
            let call = RustcCall::parse(&self.args);
            let stem = call.crate_name.as_deref().unwrap_or_default();
            let said = fs::read_to_string(call.file("", stem, ".d")).unwrap_or_default();
            seen.dep_info = tree.of_tree(DepInfo::parse(&said, &self.cwd));
        }
        Some(seen)
    }
}

/// Calls as they were read back, in the order of the file system.
#[derive(Default)]
pub(super) struct RawCalls {
    pub version: Option<RawCall>,
    pub units: Vec<RawCall>,
    pub runs: Vec<RawCall>,
    pub checks: Vec<(Tool, RawCall)>,
}

impl RawCalls {
    /// Sorts a call in. A build script may ask the compiler for its version, too: of two questions the one that
    /// names no package is Cargo's. (`[env]` may give all of them the same name.)
    pub fn push(&mut self, call: RawCall) {
        let is_cargos = |call: &RawCall| !call.env.contains_key("CARGO_PKG_NAME");
        match call.kind {
            RawKind::Version => {
                let known = self.version.take();
                let is_better = known.as_ref().is_none_or(|known| !is_cargos(known));
                self.version = if is_better && (is_cargos(&call) || known.is_none()) {
                    Some(call)
                } else {
                    known
                };
            }
            RawKind::Unit => self.units.push(call),
            RawKind::Run => self.runs.push(call),
            RawKind::Check(tool) => self.checks.push((tool, call)),
        }
    }
}

/// Reads all calls of a record directory, and what they saw of `tree`, where they were watched.
pub(super) fn read_calls(dir: &Utf8Path, tree: Option<&Tree>) -> Result<RawCalls, RecordError> {
    let mut calls = RawCalls::default();
    for (path, mut call) in calls_of(dir)? {
        call.seen = tree.and_then(|tree| call.seen(&path.with_extension(tracer::SUFFIX), tree));
        calls.push(call);
    }
    Ok(calls)
}

/// All calls of a record directory, each with its file.
pub(super) fn calls_of(dir: &Utf8Path) -> Result<Vec<(PathBuf, RawCall)>, RecordError> {
    let failed = |source| RecordError::Io { what: "read the recorded calls", source };
    let mut calls = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read(&path).map_err(failed)?;
        let call = serde_json::from_slice(&text)
            .map_err(|source| failed(io::Error::new(io::ErrorKind::InvalidData, source)))?;
        calls.push((path, call));
    }
    Ok(calls)
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
        let seen = call.seen.map(|mut seen| {
            let places = outputs::of_cargo(&change.set, roots, target_dir.as_str());
            let out_dir = change.set.get("OUT_DIR").map_or("", String::as_str);
            seen.left = outputs::left(Path::new(out_dir), &places);
            seen
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
            seen,
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

#[cfg(test)]
mod tests {
    use super::{RawCall, RawCalls, RawKind, Variables};

    #[test]
    fn a_scripts_question_is_not_cargos() {
        let call = |package: Option<&str>| RawCall {
            kind: RawKind::Version,
            args: vec!["-vV".to_owned()],
            env: package
                .map(|name| ("CARGO_PKG_NAME".to_owned(), name.to_owned()))
                .into_iter()
                .collect::<Variables>(),
            cwd: "/".into(),
            seen: None,
        };
        let mut calls = RawCalls::default();
        calls.push(call(Some("core")));
        assert!(calls.version.is_some(), "by a name of `[env]`");
        // Calls come in the order of the file system.
        for order in [[None, Some("core")], [Some("core"), None]] {
            let mut calls = RawCalls::default();
            order.into_iter().for_each(|package| calls.push(call(package)));
            assert!(calls.version.is_some_and(|version| version.env.is_empty()), "{order:?}");
        }
    }
}
