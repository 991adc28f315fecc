//! Running cargo and rustc.

use std::process::{Command, Output, Stdio};

use camino::Utf8PathBuf;

use super::error::CargoError;
use super::load::Options;

/// Runs `command` to its end and gives what it printed.
///
/// # Errors
/// [`CargoError::Start`] if the program is not there, [`CargoError::Failed`] with its own words
/// if it exits with anything but 0; [`CargoError::StaleLock`] and [`CargoError::NoLock`] for what
/// Cargo says of a lock that it would have to write.
pub fn output(command: Command) -> Result<Vec<u8>, CargoError> {
    Ok(finished(command)?.stdout)
}

/// The same, with what it printed on stderr.
///
/// # Errors
/// As [`output`].
pub fn finished(mut command: Command) -> Result<Output, CargoError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let shown = std::iter::once(program.clone())
        .chain(command.get_args().map(|arg| arg.to_string_lossy().into_owned()))
        .collect::<Vec<_>>()
        .join(" ");
    let result = command.stdin(Stdio::null()).output().map_err(|source| CargoError::Start {
        help: format!("install `{program}` or put it on PATH (or set CARGO / RUSTC to its path)"),
        program,
        source,
    })?;
    if result.status.success() {
        return Ok(result);
    }
    let stderr = String::from_utf8_lossy(&result.stderr).trim().to_owned();
    if let Some(path) = refused_lock(&stderr) {
        return Err(match path.parent() {
            Some(dir) if !path.exists() => CargoError::NoLock { dir: dir.to_owned() },
            _ => CargoError::StaleLock { path },
        });
    }
    Err(CargoError::Failed {
        command: shown,
        status: result.status.to_string(),
        help: hint(&stderr),
        stderr,
    })
}

/// The lock that Cargo would have to write, if it failed for that. It names our own `--locked`,
/// which nobody gave.
fn refused_lock(stderr: &str) -> Option<Utf8PathBuf> {
    let line = stderr.lines().find(|line| line.contains("--locked was passed to prevent this"))?;
    let (_, rest) = line.split_once("the lock file ")?;
    // Cargo 1.95 says "because", older ones said "needs to be updated but".
    let end = rest.find(" because ").or_else(|| rest.find(" needs to be "))?;
    Some(rest[..end].into())
}

/// The cure for what Cargo says most often.
fn hint(stderr: &str) -> Option<String> {
    let known = [
        ("--offline was specified", "run `cargo fetch` once with the network, or drop --offline"),
        ("you're using offline mode", "run `cargo fetch` once with the network, then plan again"),
        ("could not find `Cargo.toml`", "run in a Cargo workspace, or pass --manifest-path or -C"),
        (
            "may not be installed",
            "install the target's standard library (`rustup target add`), or drop the target",
        ),
    ];
    known.iter().find(|(text, _)| stderr.contains(text)).map(|(_, cure)| (*cure).to_owned())
}

/// A `cargo` command where `options` say, with the environment that planning needs.
///
/// A plan knows no wrapper, and asks its own compiler: empty variables overrule the configuration's
/// wrappers, as one that is set does its compiler.
#[must_use]
pub fn cargo(options: &Options) -> Command {
    let mut command = Command::new(&options.cargo);
    command.current_dir(&options.dir).env("CARGO_TERM_COLOR", "never");
    command.env("RUSTC", &options.rustc).env("RUSTC_WRAPPER", "");
    command.env("RUSTC_WORKSPACE_WRAPPER", "").env("CARGO_INCREMENTAL", "0");
    if let Some(untrusted) = &options.untrusted {
        untrusted.apply(&mut command);
    }
    command
}
