//! The compiler that sccache is given.
//!
//! sccache runs a compiler four times to learn what it is and would make, reads its largest library, and
//! has it expand the crate to learn what that reads: more work than many a crate is. So it is given a
//! program (this one, under rustc's name) that says what is known here already: a directory without a library
//! to read is its own. Where it is to compile, it has the step do so, with the command and the environment
//! of a step without a cache, and says how that ended. All else is asked of rustc.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use crate::facts::Facts;
use crate::json::Value;

/// What rustc's stand-in answers where a crate is compiled that is not to be kept.
pub(crate) const NOT_KEPT: i32 = 99;
/// Where it is.
pub(crate) const PROGRAM: &str = "/build/target/rustc";
/// Where what it knows is.
const KNOWN: &str = "/build/target/rustc.json";
/// Where it reaches the step.
pub(crate) const SOCKET: &str = "/build/target/rustc.sock";
/// What rustc printed.
pub(crate) const STDOUT: &str = "/build/target/rustc.out";
/// What rustc complained of.
pub(crate) const STDERR: &str = "/build/target/rustc.err";

/// What is known without asking rustc; what is empty is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Known {
    /// The compiler itself.
    pub(crate) rustc: String,
    /// What it says to `-vV`.
    pub(crate) version: String,
    /// The names of the files that it would make.
    pub(crate) files: String,
    /// What it would say of the crate's sources.
    pub(crate) sources: String,
    /// A directory in the place of its own.
    pub(crate) directory: String,
}

/// Puts the program and what it knows in place.
pub(crate) fn write(known: &Known) -> io::Result<()> {
    fs::create_dir_all(format!("{}/lib", known.directory))?;
    fs::copy("/proc/self/exe", PROGRAM)?;
    let text = |text: &str| Value::Text(text.to_owned());
    let facts = Value::object([
        ("rustc", text(&known.rustc)),
        ("version", text(&known.version)),
        ("files", text(&known.files)),
        ("sources", text(&known.sources)),
        ("directory", text(&known.directory)),
    ]);
    fs::write(KNOWN, facts.write())
}

fn read() -> Result<Known, String> {
    let text = fs::read_to_string(KNOWN).map_err(|error| error.to_string())?;
    let mut facts = Facts::new("known", Value::parse(&text)?)?;
    Ok(Known {
        rustc: facts.needed("rustc")?,
        version: facts.text("version")?,
        files: facts.text("files")?,
        sources: facts.text("sources")?,
        directory: facts.text("directory")?,
    })
}

pub(crate) fn main() -> ExitCode {
    let args: Vec<String> =
        std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    match read().and_then(|known| answer(&known, &args).map_err(|error| error.to_string())) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("rbn-plan: {error}");
            code(NOT_KEPT).into()
        }
    }
}

fn code(status: i32) -> u8 {
    u8::try_from(status).unwrap_or(1)
}

fn answer(known: &Known, args: &[String]) -> io::Result<u8> {
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let emits_dep_info =
        args.windows(3).any(|three| three[0] == "--emit" && three[1] == "dep-info");
    let mut stdout = io::stdout();
    match args.first().map(String::as_str) {
        Some("-vV") if args.len() == 1 && !known.version.is_empty() => {
            stdout.write_all(known.version.as_bytes())?;
        }
        Some("+stable") => return Ok(1),
        Some(arg) if arg.starts_with("--print=sysroot") && !known.version.is_empty() => {
            writeln!(stdout, "{0}\n{0}/lib", known.directory)?;
        }
        _ if args.ends_with(&["--print".to_owned(), "file-names".to_owned()])
            && !known.files.is_empty() =>
        {
            writeln!(stdout, "{}", known.files)?;
        }
        _ if emits_dep_info && !known.sources.is_empty() => {
            fs::write(args.last().map_or("", String::as_str), &known.sources)?;
        }
        _ if has("--out-dir") && !has("--print") && !emits_dep_info => return compile(),
        _ => return Err(Command::new(&known.rustc).args(args).exec()),
    }
    Ok(0)
}

/// Has the step compile.
fn compile() -> io::Result<u8> {
    let mut status = String::new();
    UnixStream::connect(SOCKET)?.read_to_string(&mut status)?;
    io::stdout().write_all(&fs::read(STDOUT)?)?;
    io::stderr().write_all(&fs::read(STDERR)?)?;
    Ok(code(status.parse().unwrap_or(NOT_KEPT)))
}
