//! What Cargo calls in the place of rustc while a build is recorded.
//!
//! Cargo starts this once for every unit, so the way from `main` to here must stay short: no
//! command line is parsed, nothing is loaded.
//!
//! The program is in this role when [`RECORD_DIR`] is set and it was called by the name
//! [`WRAPPER_NAME`] (by [`recorder::NAME`]: [`recorder`]); called by another name, it may stand in a build script's place ([`stub`]).

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use camino::{Utf8Path, Utf8PathBuf};

use super::call::RustcCall;
use super::checks::recorded::Tool;
use super::checks::stand_ins;
use super::environment::RECORD_DIR;
use super::files::checked;
use super::files::tracer::{self, Tracer};
use super::host_unit::{self, exit_code, words};
use super::outputs;
use super::raw_call::{RawCall, RawKind};
use super::stub;
use super::xpy::recorder;

/// The file name under which the program is rustc's wrapper.
pub const WRAPPER_NAME: &str = "rbn-plan-recording-rustc";

/// The file in the record directory that says that target units cannot be checked.
pub const STUBS_FILE: &str = "stubs";

/// Plays the wrapper or the build script's stub if this process was started as one of them;
/// `None` if it is an ordinary run of the program.
pub fn enter() -> Option<ExitCode> {
    let dir = Utf8PathBuf::from(env::var(RECORD_DIR).ok()?);
    let mut args = env::args_os();
    let called_as = args.next()?;
    let result = if Path::new(&called_as).file_name() == Some(OsStr::new(WRAPPER_NAME)) {
        wrap(&dir, args.collect())
    } else if Path::new(&called_as).file_name() == Some(OsStr::new(stand_ins::RUSTDOC_NAME)) {
        stand_ins::rustdoc(&dir, &args.collect::<Vec<_>>())
    } else if Path::new(&called_as).file_name() == Some(OsStr::new(stand_ins::RUNNER_NAME)) {
        stand_ins::program(&dir, &args.collect::<Vec<_>>())
    } else if Path::new(&called_as).file_name() == Some(OsStr::new(recorder::NAME)) {
        recorder::run(&dir, args.collect())
    } else if Path::new(&called_as).file_name() == Some(OsStr::new(stub::TRACED_NAME)) {
        stub::become_traced(&dir, &args.collect::<Vec<_>>())
    } else {
        let real = stub::real_program(Path::new(&called_as))?;
        stub::run(&dir, &called_as, &real, args.collect())
    };
    Some(result.unwrap_or_else(|error| {
        // Goes to Cargo, which shows it and fails; `record` then shows what Cargo said.
        eprintln!("error: rbn-plan failed to record a call: {error}");
        ExitCode::FAILURE
    }))
}

/// The program that stands before rustc where a crate is linted.
const CLIPPY: &str = "clippy-driver";

/// One call that Cargo meant for rustc: `args` are rustc's path and its arguments, behind clippy's where
/// the crate is linted.
fn wrap(dir: &Utf8Path, args: Vec<OsString>) -> io::Result<ExitCode> {
    let is_linted =
        args.first().is_some_and(|first| Path::new(first).file_name() == Some(OsStr::new(CLIPPY)));
    let Some((rustc, args)) = args[usize::from(is_linted)..].split_first() else {
        return Err(io::Error::other("the wrapper was called without a compiler"));
    };
    let words = words(args)?;
    if words == ["-vV"] {
        RawCall::of_this_process(RawKind::Version, words)?.write(dir)?;
        return Err(Command::new(rustc).args(args).exec());
    }
    let call = RustcCall::parse(&words);
    if !call.is_unit() {
        return Err(Command::new(rustc).args(args).exec());
    }
    let written = RawCall::of_this_process(RawKind::Unit, words.clone())?.write(dir)?;
    if is_linted {
        // Two calls of a plan's: rustc's, and that of the check.
        RawCall::of_this_process(RawKind::Check(Tool::Clippy), words.clone())?.write(dir)?;
    }
    let tracer = Tracer::announced(dir);
    let command = |args: &[OsString]| match &tracer {
        Some(tracer) => tracer.command(rustc, args, &written.with_extension(tracer::SUFFIX)),
        None => {
            let mut command = Command::new(rustc);
            command.args(args);
            command
        }
    };

    if let Some(target) = &call.target {
        let checks = tracer.is_some() && !dir.join(STUBS_FILE).exists();
        if checks {
            let status = command(&checked::arguments(&call, &words)).status()?;
            if !status.success() {
                return Ok(exit_code(status.code()));
            }
            if !checked::is_last(&call) {
                return Ok(ExitCode::SUCCESS);
            }
        }
        outputs::create(&call, target, checks, io::stderr().lock())?;
        return Ok(ExitCode::SUCCESS);
    }
    host_unit::compile(dir, &call, command(args))
}
