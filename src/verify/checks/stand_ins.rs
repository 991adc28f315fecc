//! What Cargo calls in the place of rustdoc and of test programs while a build is recorded. It writes the
//! call down, and does nothing else.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use camino::Utf8Path;

use super::super::host_unit::words;
use super::super::raw_call::{RawCall, RawKind};
use super::recorded::Tool;

/// The file name under which the program is rustdoc.
pub const RUSTDOC_NAME: &str = "rbn-plan-recording-rustdoc";

/// The file name under which the program runs test programs.
pub const RUNNER_NAME: &str = "rbn-plan-recording-runner";

/// The file in the record directory that holds the path of the real rustdoc.
const REAL_RUSTDOC: &str = "rustdoc";

/// The variable by which Cargo is told its rustdoc.
pub const RUSTDOC: &str = "RUSTDOC";

/// Writes down which one is the real.
pub(in crate::verify) fn keep_rustdoc(dir: &Utf8Path, real: &str) -> io::Result<()> {
    fs::write(dir.join(REAL_RUSTDOC), real)
}

/// The variable by which Cargo is told the runner of a triple's programs.
#[must_use]
pub fn runner_variable(triple: &str) -> String {
    format!("CARGO_TARGET_{}_RUNNER", triple.replace(['-', '.'], "_").to_uppercase())
}

/// A call that Cargo meant for rustdoc. What is no crate's is a question, which rustdoc answers.
pub(in crate::verify) fn rustdoc(dir: &Utf8Path, args: &[OsString]) -> io::Result<ExitCode> {
    let words = words(args)?;
    if !words.iter().any(|word| word == "--crate-name") {
        let real = fs::read_to_string(dir.join(REAL_RUSTDOC))?;
        return Err(Command::new(real).args(args).exec());
    }
    written(dir, Tool::Rustdoc, words)
}

/// A program that Cargo would run, with its arguments.
pub(in crate::verify) fn program(dir: &Utf8Path, args: &[OsString]) -> io::Result<ExitCode> {
    let words = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    written(dir, Tool::Program, words)
}

fn written(dir: &Utf8Path, tool: Tool, words: Vec<String>) -> io::Result<ExitCode> {
    RawCall::of_this_process(RawKind::Check(tool), words)?.write(dir)?;
    Ok(ExitCode::SUCCESS)
}
