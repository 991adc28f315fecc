//! What recording programs write down, and how it is read back: one file for each call.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::call::RustcCall;
use super::checks::recorded::Tool;
use super::environment::{self, Variables};
use super::error::RecordError;
use super::files::dep_info::DepInfo;
use super::files::seen::{Seen, Tree};
use super::files::{trace, tracer};

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
    /// Sorts a call in. A build script may ask the compiler for its version, too. What Cargo was started with it
    /// passes on, and adds to it: of two questions the one with fewer variables is Cargo's own.
    pub fn push(&mut self, call: RawCall) {
        match call.kind {
            RawKind::Version => {
                let is_better =
                    |known: &RawCall| (call.env.len(), &call.env) < (known.env.len(), &known.env);
                if self.version.as_ref().is_none_or(is_better) {
                    self.version = Some(call);
                }
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

#[cfg(test)]
mod tests {
    use super::{RawCall, RawCalls, RawKind};

    /// A question for the version, with these variables.
    fn question(names: &[&str]) -> RawCall {
        RawCall {
            kind: RawKind::Version,
            args: vec!["-vV".to_owned()],
            env: names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect(),
            cwd: "/".into(),
            seen: None,
        }
    }

    #[test]
    fn a_scripts_question_is_not_cargos() {
        // `[env]` may give Cargo's own the name of a package.
        for cargos in [&["PATH"][..], &["PATH", "CARGO_PKG_NAME"]] {
            let scripts = [cargos, &["CARGO_PKG_VERSION", "OUT_DIR"]].concat();
            // Calls come in the order of the file system.
            for order in [[cargos, &scripts], [&scripts, cargos]] {
                let mut calls = RawCalls::default();
                order.into_iter().for_each(|names| calls.push(question(names)));
                let found = calls.version.map(|version| version.env.len());
                assert_eq!(found, Some(cargos.len()), "{order:?}");
            }
        }
    }
}
