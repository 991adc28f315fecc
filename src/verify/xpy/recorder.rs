//! What x.py calls in the place of the compiler while its build is recorded.
//!
//! x.py starts its first compiler by the name that `build.rustc` has, and the compilers of later stages, which
//! are copies of this program, by the name `rustc`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use camino::Utf8Path;

use super::super::call::RustcCall;
use super::super::host_unit;
use super::super::outputs;
use super::super::raw_call::{RawCall, RawKind};

/// The name that a compiler of x.py's has.
pub const NAME: &str = "rustc";

/// The file in the record directory that names the real compiler: the first one.
pub const REAL_FILE: &str = "rustc";

/// What x.py's shim has in its environment. Without it a call builds x.py itself, or asks a question for it.
const OF_SHIM: &str = "RUSTC_STAGE";

/// One call of the compiler, with `args`.
pub fn run(dir: &Utf8Path, args: Vec<OsString>) -> io::Result<ExitCode> {
    let rustc = fs::read_to_string(dir.join(REAL_FILE))?;
    if env::var_os(OF_SHIM).is_none() {
        return Err(Command::new(rustc).args(args).exec());
    }
    let words = host_unit::words(&args)?;
    let call = RustcCall::parse(&words);
    if words.iter().any(|word| word == "-vV") {
        RawCall::of_this_process(RawKind::Version, words.clone())?.write(dir)?;
        return Err(real(&rustc, &words).exec());
    }
    if !call.is_unit() {
        return Err(real(&rustc, &words).exec());
    }
    RawCall::of_this_process(RawKind::Unit, words.clone())?.write(dir)?;
    match &call.target {
        Some(target) => create(&call, target),
        None => host_unit::compile(dir, &call, real(&rustc, &words)),
    }
}

/// The first compiler in the place of any other: it answers alike, and has a library of its own.
fn real(rustc: &str, words: &[String]) -> Command {
    let mut command = Command::new(rustc);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--sysroot" {
            words.next();
        } else if !word.starts_with("--sysroot=") {
            command.arg(word);
        }
    }
    // Names the libraries of the compiler that this one stands for.
    command.env_remove("LD_LIBRARY_PATH");
    command
}

/// The files of a target unit. x.py strips what is linked and runs the compiler that it made: programs and
/// dynamic libraries are this program.
fn create(call: &RustcCall, target: &str) -> io::Result<ExitCode> {
    outputs::create(call, target, false, io::stderr().lock())?;
    let me = env::current_exe()?;
    for (kind, path) in outputs::artifacts(call, target) {
        let is_library = path.extension().is_some_and(|end| matches!(end, "rlib" | "a"));
        if kind == "link" && !is_library {
            fs::remove_file(&path)?;
            fs::copy(&me, &path)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
