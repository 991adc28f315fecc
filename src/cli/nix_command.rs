//! Commands of Nix that are started here, each shown before it runs.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;
use thiserror::Error;

use super::shell;
use crate::nix::NixVersion;

/// Why a command of Nix did not do its work.
#[derive(Debug, Error, Diagnostic)]
pub enum NixError {
    /// There is no Nix.
    #[error("could not start `nix`")]
    #[diagnostic(help("install Nix, or put it on PATH: `rbn-plan doctor` says what is missing"))]
    Start(#[source] std::io::Error),
    /// There is no flake where it would look for one.
    #[error("there is no flake.nix in {dir}, nor above it")]
    #[diagnostic(help(
        "`rbn-plan init` makes one; where it lies elsewhere, `nix.root` in config.toml says so"
    ))]
    NoFlake {
        /// The directory.
        dir: Utf8PathBuf,
    },
    /// There is one that Nix does not see.
    #[error("Git does not track {dir}/flake.nix, and Nix sees only what Git tracks")]
    #[diagnostic(help("git add flake.nix, and what it names"))]
    Untracked {
        /// The directory.
        dir: Utf8PathBuf,
    },
    /// It failed, and has said why.
    #[error("`{command}` failed: {status}")]
    Failed {
        /// The command.
        command: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
}

/// A command line of Nix, and where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NixCommand {
    /// The words after `nix`.
    pub words: Vec<String>,
    /// The directory.
    pub dir: Utf8PathBuf,
}

impl NixCommand {
    /// The words as one would type them.
    #[must_use]
    pub fn shown(&self) -> String {
        shell::line(std::iter::once("nix").chain(self.words.iter().map(String::as_str)))
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// [`NixError`].
    pub fn run(&self) -> Result<(), NixError> {
        let status = self.started().status().map_err(NixError::Start)?;
        if status.success() {
            return Ok(());
        }
        Err(NixError::Failed { command: self.shown(), status })
    }

    /// Becomes it: what it ends with is what this program ends with.
    #[must_use]
    pub fn replace_this_program(&self) -> NixError {
        NixError::Start(self.started().exec())
    }

    fn started(&self) -> Command {
        eprintln!("running: {}", self.shown());
        let mut command = Command::new("nix");
        command.args(&self.words).current_dir(&self.dir);
        command
    }
}

/// Whether there is a flake in `dir`, or in a directory above it, as Nix looks for one.
///
/// # Errors
/// [`NixError::NoFlake`], [`NixError::Untracked`].
pub fn has_flake(dir: &Utf8Path) -> Result<(), NixError> {
    let Some(place) = dir.ancestors().find(|dir| dir.join("flake.nix").exists()) else {
        return Err(NixError::NoFlake { dir: dir.components().collect() });
    };
    // Nix copies what Git tracks, and says of the rest only that there is no such file.
    let words = ["-C", place.as_str(), "ls-files", "--", "flake.nix"];
    match Command::new("git").args(words).output() {
        Ok(done) if done.status.success() && done.stdout.is_empty() => {
            Err(NixError::Untracked { dir: place.components().collect() })
        }
        _ => Ok(()),
    }
}

/// The version of the Nix on PATH, where it says one that is understood.
///
/// # Errors
/// [`NixError::Start`].
pub fn version(dir: &Utf8Path) -> Result<Option<NixVersion>, NixError> {
    let said = Command::new("nix").arg("--version").current_dir(dir).output();
    let said = said.map_err(NixError::Start)?;
    Ok(NixVersion::said(&String::from_utf8_lossy(&said.stdout)))
}
