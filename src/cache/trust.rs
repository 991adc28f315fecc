//! Whether nobody else can change what is run or written: a file with every directory above it belongs to
//! root or to us, and others may not write to it.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};

use super::error::CacheError;

/// As many links as the kernel follows.
const LINKS: usize = 40;

/// The directory at the end of a path, with what led there.
pub(super) struct Walk {
    /// The last directory that is there, open.
    pub(super) dir: OwnedFd,
    /// Where that is, without links.
    pub(super) path: Utf8PathBuf,
    /// What is not there yet, below it.
    pub(super) missing: Vec<String>,
}

/// Goes down to `path` as far as there are directories, and sees to it that nobody else can move what is on the
/// way, a link included.
///
/// # Errors
/// [`CacheError::Untrusted`] with the first part that others may change.
pub(super) fn walk(path: &Utf8Path) -> Result<Walk, CacheError> {
    let io = |path: &Utf8Path, error: rustix::io::Errno| CacheError::Io {
        action: "open",
        path: path.to_owned(),
        source: error.into(),
    };
    let mut rest = parts(path);
    let mut links = 0;
    let mut at = Utf8PathBuf::from("/");
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::PATH;
    let mut dir = rustix::fs::open("/", flags, Mode::empty()).map_err(|error| io(&at, error))?;
    while let Some(name) = rest.pop_front() {
        let below = at.join(&name);
        let found = match rustix::fs::statat(&dir, &name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => found,
            Err(rustix::io::Errno::NOENT) => {
                let missing = std::iter::once(name).chain(rest).collect();
                return Ok(Walk { dir, path: at, missing });
            }
            Err(error) => return Err(io(&below, error)),
        };
        if FileType::from_raw_mode(found.st_mode) == FileType::Symlink {
            links += 1;
            let owned = owner_of(&found, &below);
            if links > LINKS || owned.is_some() {
                return Err(owned.unwrap_or(CacheError::Untrusted {
                    path: below,
                    why: "leads nowhere".to_owned(),
                }));
            }
            let target = rustix::fs::readlinkat(&dir, &name, Vec::new())
                .map_err(|error| io(&below, error))?
                .into_string()
                .map_err(|_| io(&below, rustix::io::Errno::INVAL))?;
            // What is above has no links in it any more, so `..` is what it says.
            let mut whole = parts(&normal(&at.join(target)));
            whole.append(&mut rest);
            rest = whole;
            at = Utf8PathBuf::from("/");
            dir = rustix::fs::open("/", flags, Mode::empty()).map_err(|error| io(&at, error))?;
            continue;
        }
        let next = rustix::fs::openat(&dir, &name, flags, Mode::empty())
            .map_err(|error| io(&below, error))?;
        let found = rustix::fs::fstat(&next).map_err(|error| io(&below, error))?;
        if let Some(error) = untrusted(&found, &below) {
            return Err(error);
        }
        (dir, at) = (next, below);
    }
    Ok(Walk { dir, path: at, missing: Vec::new() })
}

/// Sees to it that a program, and all that leads to it, is root's or ours.
///
/// # Errors
/// [`CacheError::Untrusted`].
pub(super) fn program(path: &Utf8Path) -> Result<(), CacheError> {
    let io = |source| CacheError::Io { action: "find", path: path.to_owned(), source };
    let real = path.canonicalize_utf8().map_err(io)?;
    // The way that is named counts, with its links, and the way to where they lead.
    for path in [path, &real] {
        walk(path.parent().unwrap_or(path))?;
    }
    let found = rustix::fs::lstat(real.as_str()).map_err(|error| io(error.into()))?;
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        return Err(io(io::ErrorKind::InvalidInput.into()));
    }
    untrusted(&found, &real).map_or(Ok(()), Err)
}

/// Why what `found` says is not to be trusted.
fn untrusted(found: &Stat, path: &Utf8Path) -> Option<CacheError> {
    if let Some(error) = owner_of(found, path) {
        return Some(error);
    }
    let mode = Mode::from_raw_mode(found.st_mode);
    // In such a directory everybody moves their own files alone; those on the way are looked at, too.
    let sticky =
        mode.contains(Mode::SVTX) && FileType::from_raw_mode(found.st_mode) == FileType::Directory;
    let user = rustix::process::geteuid();
    // The group of a user's own, of which many systems make everything writable.
    let own_group = found.st_gid == 0
        || (!user.is_root() && found.st_gid == rustix::process::getegid().as_raw());
    let others = mode.contains(Mode::WOTH) || (mode.contains(Mode::WGRP) && !own_group);
    (others && !sticky).then(|| CacheError::Untrusted {
        path: path.to_owned(),
        why: "may be written by others".to_owned(),
    })
}

fn owner_of(found: &Stat, path: &Utf8Path) -> Option<CacheError> {
    let ours = found.st_uid == 0 || found.st_uid == rustix::process::geteuid().as_raw();
    (!ours).then(|| CacheError::Untrusted {
        path: path.to_owned(),
        why: format!("belongs to user {}", found.st_uid),
    })
}

fn parts(path: &Utf8Path) -> VecDeque<String> {
    normal(path)
        .components()
        .filter_map(|part| match part {
            Utf8Component::Normal(name) => Some(name.to_owned()),
            _ => None,
        })
        .collect()
}

/// An absolute path without `.` and `..`.
fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut normal = Utf8PathBuf::from("/");
    for part in path.components() {
        match part {
            Utf8Component::Normal(name) => normal.push(name),
            Utf8Component::ParentDir => {
                normal.pop();
            }
            _ => {}
        }
    }
    normal
}
