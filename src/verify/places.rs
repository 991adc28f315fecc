//! The directories of one recording.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use camino::Utf8PathBuf;

use super::checks::stand_ins;
use super::wrapper::WRAPPER_NAME;

/// A temporary directory that is gone after it was dropped, even if a compiler that was just
/// killed is still on its way out and has a file open for writing.
pub(super) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(super) fn make() -> io::Result<Self> {
        tempfile::Builder::new().prefix("rbn-plan-record-").tempdir().map(Self)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        const TRIES: u32 = 40;
        const PAUSE: Duration = Duration::from_millis(50);
        for _ in 0..TRIES {
            match fs::remove_dir_all(self.0.path()) {
                Ok(()) => return,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return,
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }
}

/// Directories of one recording.
pub(super) struct Places {
    /// Where wrapper and stub write.
    pub(super) calls: Utf8PathBuf,
    /// Cargo's target directory.
    pub(super) target: Utf8PathBuf,
    /// Target directory for a Cargo that a build script starts: sharing the outer one's would
    /// have each wait for the other's lock.
    pub(super) nested: Utf8PathBuf,
    /// For temporary files of all that Cargo starts: who is killed leaves some.
    pub(super) temporary: Utf8PathBuf,
    /// The link by whose name the program knows that it is the wrapper.
    pub(super) wrapper: Utf8PathBuf,
    /// The same for rustdoc.
    pub(super) rustdoc: Utf8PathBuf,
    /// The same for the runner of test programs.
    pub(super) runner: Utf8PathBuf,
}

impl Places {
    pub(super) fn make(scratch: &Scratch, program: &Path) -> io::Result<Self> {
        // Cargo and rustc resolve links in some of their arguments, so start from a real path.
        let root = Utf8PathBuf::try_from(scratch.path().canonicalize()?)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let places = Self {
            calls: root.join("calls"),
            target: root.join("target"),
            nested: root.join("nested"),
            temporary: root.join("temporary"),
            wrapper: root.join(WRAPPER_NAME),
            rustdoc: root.join(stand_ins::RUSTDOC_NAME),
            runner: root.join(stand_ins::RUNNER_NAME),
        };
        fs::create_dir(&places.calls)?;
        fs::create_dir(&places.target)?;
        fs::create_dir(&places.temporary)?;
        let program = program.canonicalize()?;
        for link in [&places.wrapper, &places.rustdoc, &places.runner] {
            symlink(&program, link)?;
        }
        Ok(places)
    }

    /// The program behind the wrapper's name.
    pub(super) fn program(&self) -> io::Result<PathBuf> {
        self.wrapper.as_std_path().canonicalize()
    }
}
