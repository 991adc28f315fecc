//! What Cargo runs in the place of a compiled build script while a build is recorded.
//!
//! It writes down environment and working directory, puts the environment of a plain build in
//! place, and becomes the real script: exit code, signals, standard output, and the inherited
//! jobserver are the script's own.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use camino::Utf8Path;
use rustix::process::Signal;

use super::environment::Restore;
use super::files::tracer::{self, Tracer};
use super::raw_call::{RawCall, RawKind};

/// What the real script's file name ends in.
pub const REAL_SUFFIX: &str = ".rbn-plan-real";

/// The name by which the program becomes a build script below the tracer.
pub const TRACED_NAME: &str = "rbn-plan-recording-script";

/// The file in the record directory that holds a [`Restore`].
pub const RESTORE_FILE: &str = "restore";

/// The real program behind the stub that was called as `called_as`, if that is a stub.
///
/// rustc wrote `build_script_build-<hash>`, Cargo calls `build-script-build` beside it.
pub fn real_program(called_as: &Path) -> Option<PathBuf> {
    let dir = called_as.parent()?;
    let stem = called_as.file_name()?.to_str()?.replace('-', "_");
    let mut found: Vec<PathBuf> = fs::read_dir(dir)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .and_then(OsStr::to_str)
                .and_then(|name| name.strip_suffix(REAL_SUFFIX))
                .and_then(|name| name.strip_prefix(&stem))
                .is_some_and(|hash| hash.is_empty() || hash.starts_with('-'))
        })
        .collect();
    found.sort();
    found.into_iter().next()
}

/// Records the run and becomes the script; returns only if that fails.
pub fn run(
    dir: &Utf8Path,
    called_as: &OsStr,
    real: &Path,
    args: Vec<OsString>,
) -> io::Result<ExitCode> {
    let words = [called_as].into_iter().chain(args.iter().map(OsString::as_os_str));
    let words = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let written = RawCall::of_this_process(RawKind::Run, words)?.write(dir)?;
    if let Some(tracer) = Tracer::announced(dir) {
        // The tracer lives as long as anything that the script leaves running, and would keep Cargo
        // waiting for the end of the error stream: it gets none, and the script opens ours again.
        let stderr = format!("/proc/{}/fd/2", std::process::id());
        let words = [OsString::from(stderr), real.into(), called_as.to_owned()];
        let words: Vec<OsString> = words.into_iter().chain(args).collect();
        let file = written.with_extension(tracer::SUFFIX);
        let mut script = tracer.command(dir.join(TRACED_NAME).as_os_str(), &words, &file);
        return ended(script.stderr(Stdio::null()).status()?);
    }
    let mut script = Command::new(real);
    script.arg0(called_as).args(args);
    become_plain(dir, script)
}

/// Becomes the script below the tracer: `args` are where its errors go, the real program, what it is called,
/// and its arguments.
pub fn become_traced(dir: &Utf8Path, args: &[OsString]) -> io::Result<ExitCode> {
    let [stderr, real, called_as, args @ ..] = args else {
        return Err(io::Error::other("a build script was called without a program"));
    };
    let mut script = Command::new(real);
    script.arg0(called_as).args(args);
    if let Ok(stderr) = fs::OpenOptions::new().append(true).open(stderr) {
        script.stderr(stderr);
    }
    become_plain(dir, script)
}

/// Ends as a process did that stood in our place.
fn ended(status: ExitStatus) -> io::Result<ExitCode> {
    if let Some(signal) = status.signal().and_then(Signal::from_named_raw) {
        rustix::process::kill_process(rustix::process::getpid(), signal)?;
    }
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Becomes the script with the environment of a plain build; returns only if that fails.
fn become_plain(dir: &Utf8Path, mut script: Command) -> io::Result<ExitCode> {
    let restore: Restore = serde_json::from_slice(&fs::read(dir.join(RESTORE_FILE))?)?;
    for (name, value) in restore {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    Err(script.exec())
}
