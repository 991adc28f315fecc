//! rustc as it would answer on another build machine.
//!
//! Cargo asks `rustc -vV` what machine it runs on, and decides by the answer what build scripts and
//! proc macros are made of. So a plan for another build machine needs no such machine: Cargo is
//! given this program as `RUSTC`, which passes every query on to the real compiler and differs in
//! two things: the line `host:` names the wanted machine, and a query that names no target gets
//! that machine's.
//!
//! It serves the own machine, too. `RUSTC_BOOTSTRAP`, which makes Cargo print its unit graph, would
//! let rustc list cfgs that are not stable, and Cargo would decide dependencies by them. What the
//! user has of it takes its place.
//!
//! The program is in this role when [`RUSTC`] and [`HOST`] are set.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use camino::{Utf8Path, Utf8PathBuf};

use super::probe_cache::{Answer, Answers, Question};
use crate::model::Triple;

/// Names the real compiler.
const RUSTC: &str = "RBN_PLAN_INTERNAL_RUSTC";

/// Names the machine that is played.
const HOST: &str = "RBN_PLAN_INTERNAL_RUSTC_HOST";

/// Names the directory of what the compiler answered before.
const ANSWERS: &str = "RBN_PLAN_INTERNAL_RUSTC_ANSWERS";

/// The user's own `RUSTC_BOOTSTRAP`, where there is one.
const BOOTSTRAP: &str = "RBN_PLAN_INTERNAL_RUSTC_BOOTSTRAP";

/// A program that plays rustc on some build machine: this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shim {
    program: Utf8PathBuf,
    answers: Answers,
}

impl Shim {
    /// The shim that `program` is: an `rbn-plan`, which calls [`enter`] before all else.
    #[must_use]
    pub fn new(program: impl Into<Utf8PathBuf>, answers: Answers) -> Self {
        Self { program: program.into(), answers }
    }

    /// Makes `cargo` take `rustc` for the compiler of a machine `host`; `bootstrap` is what the user
    /// has of `RUSTC_BOOTSTRAP`.
    pub fn play(&self, cargo: &mut Command, rustc: &str, host: &Triple, bootstrap: Option<&str>) {
        cargo.env("RUSTC", &self.program).env(RUSTC, rustc).env(HOST, host.as_str());
        // Cargo keeps what it learned of a compiler by its path, for all later calls.
        cargo.env("CARGO_CACHE_RUSTC_INFO", "0");
        match bootstrap {
            Some(value) => cargo.env(BOOTSTRAP, value),
            None => cargo.env_remove(BOOTSTRAP),
        };
        match self.answers.dir() {
            Some(dir) => cargo.env(ANSWERS, dir),
            None => cargo.env_remove(ANSWERS),
        };
    }
}

/// Answers as rustc if this process was started as that; `None` if it is an ordinary run.
#[must_use]
pub fn enter() -> Option<ExitCode> {
    let rustc = env::var_os(RUSTC)?;
    let host = env::var(HOST).ok()?;
    let args: Vec<OsString> = env::args_os().skip(1).collect();
    Some(answer(&rustc, &host, &args).unwrap_or_else(|error| {
        // Goes to Cargo, which shows it and fails.
        eprintln!(
            "error: could not ask {}: {error}",
            Utf8Path::from_path(rustc.as_ref()).unwrap_or("rustc".into())
        );
        ExitCode::FAILURE
    }))
}

fn answer(rustc: &OsStr, host: &str, args: &[OsString]) -> io::Result<ExitCode> {
    let version = args.iter().any(|arg| is_version(arg));
    let mut command = Command::new(rustc);
    command.args(args);
    match env::var_os(BOOTSTRAP) {
        Some(value) => command.env("RUSTC_BOOTSTRAP", value),
        None => command.env_remove("RUSTC_BOOTSTRAP"),
    };
    for ours in [RUSTC, HOST, ANSWERS, BOOTSTRAP] {
        command.env_remove(ours);
    }
    if !version && !args.iter().any(|arg| names_target(arg)) {
        command.args(["--target", host]);
    }
    let answers = env::var(ANSWERS).map(Answers::within).unwrap_or_default();
    let question = answers.question(&command);
    if question.is_none() && !version {
        return Err(command.exec());
    }
    let Answer { stdout, stderr } = match question.as_ref().and_then(Question::known) {
        Some(answer) => answer,
        None => {
            let output = command.output()?;
            if !output.status.success() {
                io::stderr().lock().write_all(&output.stderr)?;
                io::stdout().lock().write_all(&output.stdout)?;
                let code = output.status.code().and_then(|code| u8::try_from(code).ok());
                return Ok(code.map_or(ExitCode::FAILURE, ExitCode::from));
            }
            let answer = Answer::of(&output);
            if let Some(question) = question {
                question.keep(&answer);
            }
            answer
        }
    };
    let text = if version { version_on(&stdout, host) } else { stdout };
    io::stderr().lock().write_all(stderr.as_bytes())?;
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn is_version(arg: &OsStr) -> bool {
    ["-vV", "-Vv", "-V", "--version"].iter().any(|version| arg == *version)
}

fn names_target(arg: &OsStr) -> bool {
    arg == "--target" || arg.to_string_lossy().starts_with("--target=")
}

/// What `rustc -vV` prints, on a machine `host`.
#[must_use]
pub fn version_on(text: &str, host: &str) -> String {
    let line = |line: &str| match line.starts_with("host: ") {
        true => format!("host: {host}\n"),
        false => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}
