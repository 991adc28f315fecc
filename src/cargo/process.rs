//! Running cargo and rustc.

use std::process::{Command, Output, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

use super::error::{CargoError, NamedBy};

/// Runs `command` to its end and gives what it printed.
///
/// # Errors
/// [`CargoError::Start`] if the program is not there, [`CargoError::Failed`] with its own words
/// if it exits with anything but 0; [`CargoError::NoManifest`], [`CargoError::StaleLock`] and [`CargoError::NoLock`] for what
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
    let stderr = said(&String::from_utf8_lossy(&result.stderr));
    if let Some(toolchain) = absent_toolchain(&stderr) {
        let dir = command.get_current_dir().and_then(Utf8Path::from_path);
        let file = dir.and_then(toolchain_file);
        return Err(CargoError::NoToolchain { toolchain, named: NamedBy(file) });
    }
    if let Some(path) = refused_lock(&stderr) {
        return Err(match path.parent() {
            Some(dir) if !path.exists() => CargoError::NoLock { dir: dir.to_owned() },
            _ => CargoError::StaleLock { path },
        });
    }
    if let Some(dir) = without_manifest(&stderr) {
        return Err(CargoError::NoManifest { dir });
    }
    Err(CargoError::Failed {
        command: shown,
        status: result.status.to_string(),
        help: hint(&stderr),
        stderr,
    })
}

/// What a program said, without what is of no use to who reads it: that Cargo waited for another one,
/// and where in rustup's code an error came up.
fn said(stderr: &str) -> String {
    let stderr = stderr.split("\nStack backtrace:").next().unwrap_or_default();
    let waits = |line: &&str| !line.trim_start().starts_with("Blocking waiting for file lock");
    stderr.lines().filter(waits).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The toolchain that rustup would have to install.
fn absent_toolchain(stderr: &str) -> Option<String> {
    let line = stderr.lines().find(|line| {
        line.starts_with("error: ")
            && line.contains("toolchain '")
            && line.contains("is not installed")
    })?;
    let (_, rest) = line.split_once("toolchain '")?;
    Some(rest.split_once('\'')?.0.to_owned())
}

/// The file that chooses the toolchain in `dir`.
fn toolchain_file(dir: &Utf8Path) -> Option<Utf8PathBuf> {
    let names = ["rust-toolchain", "rust-toolchain.toml"];
    let files = dir.ancestors().flat_map(|dir| names.map(|name| dir.join(name)));
    files.into_iter().find(|file| file.is_file())
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

/// The directory in and above which Cargo found no manifest.
fn without_manifest(stderr: &str) -> Option<String> {
    let (_, rest) = stderr.split_once("could not find `Cargo.toml` in `")?;
    let (dir, more) = rest.split_once("` or any parent directory")?;
    // Cargo names a file that is spelt otherwise.
    (!more.contains("but found")).then(|| dir.to_owned())
}

/// The cure for what Cargo says most often.
fn hint(stderr: &str) -> Option<String> {
    let known = [
        ("--offline was specified", "run `cargo fetch` once with the network, or drop --offline"),
        ("you're using offline mode", "run `cargo fetch` once with the network, then plan again"),
        (
            "unable to build with the standard library",
            "leave `-Z build-std` out: no plan has a standard library of its own; a toolchain that has the target's does the same",
        ),
        (
            "is not defined",
            "a profile is Cargo's own (dev, release, test, bench) or stands in Cargo.toml as [profile.NAME]; \
             `rbn-plan config` says where the name comes from",
        ),
        (
            "does not contain this feature",
            "features stand in [features] of the package's Cargo.toml; `rbn-plan config` says who asks for this one",
        ),
        (
            "may not be installed",
            "install the target's standard library (`rustup target add`), or drop the target",
        ),
    ];
    known.iter().find(|(text, _)| stderr.contains(text)).map(|(_, cure)| (*cure).to_owned())
}

/// A `cargo` that is asked what has nothing to do with a compiler.
#[must_use]
pub fn without_compiler(cargo: &str, dir: &Utf8Path) -> Command {
    let mut command = program(cargo, dir);
    command.env("CARGO_TERM_COLOR", "never").env_remove("RUSTC_WRAPPER");
    command.env_remove("RUSTC_WORKSPACE_WRAPPER");
    command
}

/// `name` in `dir`, where it is maybe a proxy of rustup's: nothing is installed on the way.
#[must_use]
pub fn program(name: &str, dir: &Utf8Path) -> Command {
    let mut command = Command::new(name);
    command.current_dir(dir).env("RUSTUP_AUTO_INSTALL", "0");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helps_nobody_is_left_out() {
        let text = "    Blocking waiting for file lock on package cache\nerror: no\n\nStack backtrace:\n  0: x\n";
        assert_eq!(said(text), "error: no");
    }

    #[test]
    fn a_toolchain_that_is_not_there() {
        for text in [
            "error: toolchain '1.80.0-x' is not installed\nhelp: run",
            "error: custom toolchain '1.80.0-x' specified in override file 'f' is not installed",
        ] {
            assert_eq!(absent_toolchain(text).as_deref(), Some("1.80.0-x"));
        }
        assert_eq!(absent_toolchain("error: the target is not installed"), None);
    }
}
