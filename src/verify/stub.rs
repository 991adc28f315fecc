//! What Cargo runs in the place of a compiled build script while a build is recorded.
//!
//! It writes down environment and working directory, puts the environment of a plain build in
//! place, and becomes the real script: exit code, signals, standard output, and the inherited
//! jobserver are the script's own.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use camino::Utf8Path;

use super::environment::Restore;
use super::files::tracer::{self, Tracer};
use super::recording::{RawCall, RawKind};

/// What the real script's file name ends in.
pub const REAL_SUFFIX: &str = ".rbn-plan-real";

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
    let restore: Restore = serde_json::from_slice(&fs::read(dir.join(RESTORE_FILE))?)?;
    let mut script = match Tracer::announced(dir) {
        Some(tracer) => {
            tracer.command(real.as_os_str(), &args, &written.with_extension(tracer::SUFFIX))
        }
        None => {
            let mut script = Command::new(real);
            script.arg0(called_as).args(args);
            script
        }
    };
    for (name, value) in restore {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    Err(script.exec())
}
