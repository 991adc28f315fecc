//! Writing files: whole or not at all, and never over what a person wrote.

use std::io::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;
use thiserror::Error;

use super::GENERATED;

/// Why a file was not written.
#[derive(Debug, Error, Diagnostic)]
pub enum WriteError {
    /// The file is there and does not bear the mark.
    #[error("{path} was not written by rbn-plan: it has no `{GENERATED}` in its first lines")]
    #[diagnostic(help("move it away, or name another file with --output"))]
    Foreign {
        /// The file.
        path: Utf8PathBuf,
    },
    /// The system refused.
    #[error("could not write {path}")]
    #[diagnostic(help(
        "the old content, if there was any, is untouched; check space and permissions"
    ))]
    Io {
        /// The file.
        path: Utf8PathBuf,
        /// Its reason.
        #[source]
        source: std::io::Error,
    },
}

/// Writes `text` to `path` by a temporary file beside it; makes the directory if it is missing.
///
/// # Errors
/// [`WriteError`]; the old content stays in place.
pub fn write_generated(path: &Utf8Path, text: &str) -> Result<(), WriteError> {
    let io = |source| WriteError::Io { path: path.to_owned(), source };
    if is_device(path) {
        return write(path, text);
    }
    match std::fs::read(path) {
        Ok(old) => {
            let head = &old[..old.len().min(400)];
            if !old.is_empty() && !String::from_utf8_lossy(head).contains(GENERATED) {
                return Err(WriteError::Foreign { path: path.to_owned() });
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(io(error)),
    }
    write(path, text)
}

/// Writes `text` to `path`, whatever is there, by a temporary file beside it. A link stays, and what
/// it points at is written; a device or a pipe is written to.
///
/// # Errors
/// [`WriteError::Io`]; the old content stays in place.
pub fn write(path: &Utf8Path, text: &str) -> Result<(), WriteError> {
    let io = |source| WriteError::Io { path: path.to_owned(), source };
    // A file in the place of a device would take it away from everybody.
    if is_device(path) {
        return std::fs::write(path, text).map_err(io);
    }
    let target = path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
    let dir = match target.parent() {
        Some(dir) if !dir.as_str().is_empty() => dir,
        _ => Utf8Path::new("."),
    };
    std::fs::create_dir_all(dir).map_err(io)?;
    let mut file = tempfile::Builder::new().prefix(".rbn-plan-").tempfile_in(dir).map_err(io)?;
    file.write_all(text.as_bytes()).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    file.as_file().set_permissions(mode).map_err(io)?;
    file.persist(&target).map_err(|error| io(error.error))?;
    Ok(())
}

/// Whether `path` is there and neither a file nor a directory.
fn is_device(path: &Utf8Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}
