//! A unit of the build machine while a build is recorded: it is compiled, because something may run it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use camino::Utf8Path;

use super::call::RustcCall;
use super::environment;
use super::needed::{NEEDED_FILE, Needed};
use super::outputs;
use super::stub;

/// A unit of the build machine, which `command` compiles: for real, if something runs it.
pub(super) fn compile(
    dir: &Utf8Path,
    call: &RustcCall,
    mut command: Command,
) -> io::Result<ExitCode> {
    if !call.is_build_script() {
        if let (Some(needed), Some(name)) = (needed(dir)?, &call.crate_name)
            && !needed.has(&environment::current(), name)
        {
            // Names of files are those of the machine that this was made for.
            outputs::create(call, env::consts::OS, false, io::stderr().lock())?;
            return Ok(ExitCode::SUCCESS);
        }
        return Err(command.exec());
    }
    let status = command.status()?;
    if !status.success() {
        return Ok(exit_code(status.code()));
    }
    if let Some(program) = call.executable() {
        put_stub(&program)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What has to be compiled, where that is known.
fn needed(dir: &Utf8Path) -> io::Result<Option<Needed>> {
    match fs::read(dir.join(NEEDED_FILE)) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Moves a build script aside and links this program in its place. Cargo then gives that link its
/// second name (`build-script-build`) in the same directory.
fn put_stub(program: &Utf8Path) -> io::Result<()> {
    let mut aside = program.as_os_str().to_owned();
    aside.push(stub::REAL_SUFFIX);
    fs::rename(program, aside)?;
    symlink(env::current_exe()?, program)
}

/// Arguments as text. An argument file (`@path`), which Cargo writes when a command line is too
/// long for the system, is opened: one argument a line.
pub(super) fn words(args: &[OsString]) -> io::Result<Vec<String>> {
    let mut words = Vec::with_capacity(args.len());
    for arg in args {
        let word = arg.to_string_lossy();
        match word.strip_prefix('@') {
            Some(path) => words.extend(fs::read_to_string(path)?.lines().map(str::to_owned)),
            None => words.push(word.into_owned()),
        }
    }
    Ok(words)
}

/// The code of a process that this one stands for.
pub(super) fn exit_code(code: Option<i32>) -> ExitCode {
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}
