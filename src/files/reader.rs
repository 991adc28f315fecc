//! Reading files that others may have made: whole, of a bounded size, and files only.
//!
//! A tree that was fetched from somewhere may hold a FIFO where a file is expected, a device, or a
//! file without an end. Opening or reading those waits for ever or takes all memory. So whatever is
//! read of a tree is read here.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use rustix::fs::OFlags;
use thiserror::Error;

/// The most bytes that are read of a file, where nothing else is said.
pub const LIMIT: u64 = 64 << 20;

/// How much room is made for a file by its size alone.
const SPARED: u64 = 1 << 20;

/// Where a shell puts what `<(...)` and `-` stand for: a person names these, no tree can.
const PIPES: [&str; 3] = ["/dev/fd/", "/proc/self/fd/", "/dev/stdin"];

/// Why a file was not read.
#[derive(Debug, Error, Diagnostic)]
pub enum ReadError {
    /// Something else than a file.
    #[error("{} is {kind}, not a file", path.display())]
    #[diagnostic(help("put a regular file in its place, or take it away"))]
    Kind {
        /// Where.
        path: PathBuf,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// A link to nothing.
    #[error("{} is a link to {}, which does not exist", path.display(), target.display())]
    #[diagnostic(help("make what it points at, or take the link away"))]
    Dangling {
        /// The link.
        path: PathBuf,
        /// What it says.
        target: PathBuf,
    },
    /// More than is read.
    #[error("{} has more than the {} MiB that are read of such a file", path.display(), limit >> 20)]
    #[diagnostic(help("is it the right file?"))]
    TooLarge {
        /// Where.
        path: PathBuf,
        /// In bytes.
        limit: u64,
    },
    /// Bytes that are no text.
    #[error("{} is not UTF-8: byte {offset} (line {line}) belongs to no character", path.display())]
    #[diagnostic(help("save the file as UTF-8"))]
    NotText {
        /// Where.
        path: PathBuf,
        /// The first bad byte, from 0.
        offset: usize,
        /// Its line, from 1.
        line: usize,
    },
    /// The system refused.
    #[error("could not read {}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Its reason.
        #[source]
        source: io::Error,
    },
}

impl ReadError {
    /// Whether there is nothing at all at the path.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// The bytes of the file at `path`, at most [`LIMIT`].
///
/// # Errors
/// [`ReadError`].
pub fn bytes(path: impl AsRef<Path>) -> Result<Vec<u8>, ReadError> {
    bytes_within(path, LIMIT)
}

/// The bytes of the file at `path`, at most `limit`.
///
/// # Errors
/// [`ReadError`].
pub fn bytes_within(path: impl AsRef<Path>, limit: u64) -> Result<Vec<u8>, ReadError> {
    let path = path.as_ref();
    let failed = |source| ReadError::Io { path: path.to_owned(), source };
    let (file, size) = open(path)?;
    // What a file says of its size is not to be relied on: it spares calls, and the bound holds while it is read.
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(SPARED)).unwrap_or(0) + 1);
    file.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// The text of the file at `path`.
///
/// # Errors
/// [`ReadError`].
pub fn text(path: impl AsRef<Path>) -> Result<String, ReadError> {
    let path = path.as_ref();
    String::from_utf8(bytes(path)?).map_err(|error| not_text(path, &error))
}

/// The text of the file at `path`; nothing where there is nothing.
///
/// # Errors
/// [`ReadError`] for what is there and cannot be read, and for a link to nothing.
pub fn text_if_there(path: impl AsRef<Path>) -> Result<Option<String>, ReadError> {
    match text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.is_absent() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether there is a file at `path` that can be read, for what another program or library reads.
///
/// # Errors
/// [`ReadError`] for anything that is there and is no file, and for one of more than [`LIMIT`].
pub fn check(path: impl AsRef<Path>) -> Result<bool, ReadError> {
    let path = path.as_ref();
    let size = match open(path) {
        Ok((_, size)) => size,
        Err(error) if error.is_absent() => return Ok(false),
        Err(error) => return Err(error),
    };
    match size > LIMIT {
        true => Err(ReadError::TooLarge { path: path.to_owned(), limit: LIMIT }),
        false => Ok(true),
    }
}

/// Opens a file without ever waiting for somebody at the other end of it; with the size that it says.
fn open(path: &Path) -> Result<(File, u64), ReadError> {
    let failed = |source| ReadError::Io { path: path.to_owned(), source };
    if path.to_str().is_some_and(|text| PIPES.iter().any(|pipe| text.starts_with(pipe))) {
        return File::open(path).map(|file| (file, 0)).map_err(failed);
    }
    // Looked at first, because opening alone does something to some devices.
    let data = fs::metadata(path).map_err(|error| match fs::read_link(path) {
        Ok(target) if error.kind() == io::ErrorKind::NotFound => {
            ReadError::Dangling { path: path.to_owned(), target }
        }
        _ => failed(error),
    })?;
    is_file(path, &data)?;
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).expect("flags of `open` fit its argument");
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(failed)?;
    // Something else may have come in between.
    let data = file.metadata().map_err(failed)?;
    is_file(path, &data)?;
    Ok((file, data.len()))
}

fn is_file(path: &Path, data: &fs::Metadata) -> Result<(), ReadError> {
    let found = data.file_type();
    let kind = match () {
        () if found.is_file() => return Ok(()),
        () if found.is_dir() => {
            let source = io::Error::from(rustix::io::Errno::ISDIR);
            return Err(ReadError::Io { path: path.to_owned(), source });
        }
        () if found.is_fifo() => "a FIFO",
        () if found.is_socket() => "a socket",
        () => "a device",
    };
    Err(ReadError::Kind { path: path.to_owned(), kind })
}

fn not_text(path: &Path, error: &std::string::FromUtf8Error) -> ReadError {
    let offset = error.utf8_error().valid_up_to();
    let before = &error.as_bytes()[..offset];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    ReadError::NotText { path: path.to_owned(), offset, line }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn said(path: &Path) -> String {
        text(path).expect_err("no file").to_string()
    }

    #[test]
    fn what_is_no_file_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        let at = |name: &str| dir.path().join(name);
        let made = std::process::Command::new("mkfifo").arg(at("fifo")).status();
        assert!(made.expect("mkfifo is there").success());
        let _socket = UnixListener::bind(at("socket")).expect("a socket");
        symlink("/dev/zero", at("zero")).expect("a link");
        symlink("nowhere", at("dangling")).expect("a link");
        symlink("loop", at("loop")).expect("a link");
        assert!(said(&at("fifo")).ends_with("is a FIFO, not a file"));
        assert!(said(&at("socket")).ends_with("is a socket, not a file"));
        assert!(said(&at("zero")).ends_with("is a device, not a file"));
        assert!(said(dir.path()).starts_with("could not read"));
        assert!(said(&at("dangling")).contains("is a link to nowhere, which does not exist"));
        assert!(said(&at("loop")).starts_with("could not read"));
        assert_eq!(text_if_there(at("nothing")).ok(), Some(None));
        assert!(text_if_there(at("dangling")).is_err());
        assert_eq!(check(at("nothing")).ok(), Some(false));
        assert!(check(at("fifo")).is_err());
    }

    #[test]
    fn sizes_and_bytes() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("file");
        fs::write(&file, b"one\ntwo \xff").expect("written");
        assert!(said(&file).ends_with("is not UTF-8: byte 8 (line 2) belongs to no character"));
        assert_eq!(bytes_within(&file, 9).expect("it fits").len(), 9);
        assert!(bytes_within(&file, 8).is_err());
        // A file with a hole is large without taking room.
        let file = File::create(&file).expect("a file");
        file.set_len(LIMIT + 1).expect("a hole");
        assert!(said(&dir.path().join("file")).contains("more than the 64 MiB"));
    }
}
