//! Files as the store takes them: the path that `builtins.path` gives.

use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};
use nix_derivation::{CAHash, NixHash, StorePath, store_path};
use nix_nar::{Encoder, FileSystem, FileSystemMetadata};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// What a directory entry is, in the words that a filter of `builtins.path` gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// `regular`.
    Regular,
    /// `directory`.
    Directory,
    /// `symlink`.
    Symlink,
}

/// Decides by an entry's path below the root (never empty) whether it is taken.
pub type Filter<'a> = dyn Fn(&str, EntryKind) -> bool + 'a;

/// Why files have no store path.
#[derive(Debug, Error)]
pub enum SourceError {
    /// They cannot be read.
    #[error("{path} cannot be read as a source")]
    Read {
        /// The root of what was read.
        path: Utf8PathBuf,
        /// The reason, which names the file.
        #[source]
        source: io::Error,
    },
    /// The store does not take the name.
    #[error("`{name}` cannot be a name in the store")]
    Name {
        /// The name.
        name: String,
        /// The reason.
        #[source]
        source: store_path::Error,
    },
}

/// A name in the archive needs some room beside itself, and a link's target may be a whole path.
const BUFFER: usize = 16 * 1024;

/// `builtins.path { inherit name path filter; }`: reads the files, copies nothing.
///
/// # Errors
/// [`SourceError`]: something cannot be read, is no file, directory or link, or has a name that is
/// not Unicode.
pub fn store_path(
    name: &str,
    path: &Utf8Path,
    filter: &Filter<'_>,
) -> Result<StorePath, SourceError> {
    let read = |source| SourceError::Read { path: path.to_owned(), source };
    let digest = nar_hash(path, filter).map_err(read)?;
    let address = CAHash::Nar(NixHash::Sha256(digest));
    store_path::build_ca_path(name, &address, [], false)
        .map_err(|source| SourceError::Name { name: name.to_owned(), source })
}

/// SHA-256 of the archive of `path` and what `filter` takes below it.
fn nar_hash(path: &Utf8Path, filter: &Filter<'_>) -> io::Result<[u8; 32]> {
    let files = Filtered { root: path, filter };
    let builder = Encoder::builder(path).internal_buffer_size(BUFFER).filesystem(files);
    let mut archive = builder.build().map_err(io::Error::other)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let length = archive.read(&mut buffer)?;
        if length == 0 {
            return Ok(hash.finalize().into());
        }
        hash.update(&buffer[..length]);
    }
}

/// The file system as a filter shows it.
struct Filtered<'a> {
    root: &'a Utf8Path,
    filter: &'a Filter<'a>,
}

impl FileSystem for Filtered<'_> {
    type File = std::fs::File;

    fn metadata(&self, path: &Utf8Path) -> io::Result<FileSystemMetadata> {
        let metadata = path.symlink_metadata()?;
        Ok(match kind(metadata.file_type())? {
            EntryKind::Directory => FileSystemMetadata::Directory,
            EntryKind::Symlink => {
                FileSystemMetadata::Symlink { target_path: path.read_link_utf8()? }
            }
            EntryKind::Regular => FileSystemMetadata::File {
                // Nix asks the owner's bit alone.
                executable: metadata.permissions().mode() & 0o100 != 0,
                length: metadata.len(),
            },
        })
    }

    fn read_dir(&self, path: &Utf8Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in path.read_dir_utf8()? {
            let entry = entry?;
            let below = entry.path().strip_prefix(self.root).unwrap_or(entry.path());
            // What the filter leaves out may be of any kind: a socket in a hidden directory.
            let kind = kind(entry.file_type()?);
            let asked = *kind.as_ref().unwrap_or(&EntryKind::Regular);
            if (self.filter)(below.as_str(), asked) {
                kind?;
                names.push(entry.file_name().to_owned());
            }
        }
        Ok(names)
    }

    fn open(&self, path: &Utf8Path) -> io::Result<Self::File> {
        std::fs::File::open(path)
    }
}

fn kind(kind: std::fs::FileType) -> io::Result<EntryKind> {
    if kind.is_symlink() {
        Ok(EntryKind::Symlink)
    } else if kind.is_dir() {
        Ok(EntryKind::Directory)
    } else if kind.is_file() {
        Ok(EntryKind::Regular)
    } else {
        Err(io::Error::other("neither a file nor a directory nor a link"))
    }
}
