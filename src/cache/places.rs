//! The daemon's directories, and what is put there. Whoever starts it owns what is run and shown; the daemon's
//! user owns its data and its own socket, and nothing else. All goes through open directories, so a link that
//! was planted leads nowhere.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixListener;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{AtFlags, FileType, FlockOperation, Gid, Mode, OFlags, Uid};

use super::error::CacheError;
use super::setup::Setup;
use super::trust;

/// Who a daemon that root starts runs as, and who may reach it: user and group ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) user: Option<(u32, u32)>,
    pub(super) group: Option<u32>,
}

/// A directory that is ours.
pub(super) struct Place {
    dir: OwnedFd,
    path: Utf8PathBuf,
}

/// What is shown to builds, and what is not.
pub(super) struct Places {
    /// What builds are shown.
    pub(super) shown: Shown,
    /// What those builds are shown that may add to the cache.
    pub(super) writers: Shown,
    /// What builds never see.
    pub(super) own: Shown,
    /// Keeps every other start and stop waiting.
    _lock: File,
}

/// A directory with a program in its `bin`.
pub(super) struct Shown {
    pub(super) dir: Place,
    bin: Place,
}

const RW: Mode = Mode::from_raw_mode(0o600);

impl Places {
    /// Makes the directories that are not there, and keeps every other start and stop waiting.
    pub(super) fn make(setup: &Setup, owner: Owner) -> Result<Self, CacheError> {
        let own = Shown::make(&setup.own)?;
        let lock = own.dir.file("lock", OFlags::CREATE | OFlags::WRONLY, RW)?;
        rustix::fs::flock(&lock, FlockOperation::LockExclusive)
            .map_err(|error| own.dir.failed("lock", "lock", error))?;
        let (shown, writers) = (Shown::make(&setup.run)?, Shown::make(&setup.writers)?);
        for directory in [&setup.private, &setup.directory] {
            Place::make_for(directory, owner.user)?;
        }
        Ok(Self { shown, writers, own, _lock: lock })
    }

    /// Copies sccache to where builds and the daemon run it.
    pub(super) fn install(&self, program: &Utf8Path) -> Result<(), CacheError> {
        let io = |source| CacheError::Io { action: "read", path: program.to_owned(), source };
        let bytes = std::fs::read(program).map_err(io)?;
        for place in [&self.shown, &self.writers, &self.own] {
            place.bin.install(&bytes, "sccache")?;
        }
        Ok(())
    }
}

impl Shown {
    fn make(path: &Utf8Path) -> Result<Self, CacheError> {
        let dir = Place::make(path, 0o755)?;
        let bin = dir.below("bin")?;
        Ok(Self { dir, bin })
    }
}

impl Place {
    /// A directory of ours with its parents. One that is there must be ours.
    pub(super) fn make(path: &Utf8Path, mode: u32) -> Result<Self, CacheError> {
        let walk = trust::walk(path)?;
        let (mut dir, mut at) = (walk.dir, walk.path);
        let count = walk.missing.len();
        for (number, name) in walk.missing.into_iter().enumerate() {
            let mode = if number + 1 == count { mode } else { 0o755 };
            let below = at.join(&name);
            let io = |error: rustix::io::Errno| CacheError::Io {
                action: "make",
                path: below.clone(),
                source: error.into(),
            };
            match rustix::fs::mkdirat(&dir, &name, Mode::from_raw_mode(0o700)) {
                Err(error) if error != rustix::io::Errno::EXIST => return Err(io(error)),
                _ => {}
            }
            dir = open(&dir, &name).map_err(io)?;
            let found = rustix::fs::fstat(&dir).map_err(io)?;
            if found.st_uid != rustix::process::geteuid().as_raw() {
                return Err(CacheError::Foreign { path: below, user: found.st_uid });
            }
            // Whatever the mask is: builds have to see it.
            rustix::fs::fchmod(&dir, Mode::from_raw_mode(mode)).map_err(io)?;
            at = below;
        }
        let found = rustix::fs::fstat(&dir).map_err(|error| CacheError::Io {
            action: "open",
            path: at.clone(),
            source: error.into(),
        })?;
        if found.st_uid != rustix::process::geteuid().as_raw() {
            return Err(CacheError::Foreign { path: at, user: found.st_uid });
        }
        let dir = open(&dir, ".").map_err(|error| CacheError::Io {
            action: "open",
            path: at.clone(),
            source: error.into(),
        })?;
        Ok(Self { dir, path: at })
    }

    /// A directory in this one. Whoever builds as the same user could have put a link here.
    fn below(&self, name: &str) -> Result<Self, CacheError> {
        let mode = Mode::from_raw_mode(0o755);
        let failed = |error| self.failed("make", name, error);
        match rustix::fs::mkdirat(&self.dir, name, mode) {
            Err(rustix::io::Errno::EXIST) => {}
            other => other.map_err(failed)?,
        }
        let dir = open(&self.dir, name).map_err(failed)?;
        let found = rustix::fs::fstat(&dir).map_err(failed)?;
        let path = self.path.join(name);
        if found.st_uid != rustix::process::geteuid().as_raw() {
            return Err(CacheError::Foreign { path, user: found.st_uid });
        }
        rustix::fs::fchmod(&dir, mode).map_err(failed)?;
        Ok(Self { dir, path })
    }

    /// The last directory of `path`, for `user` alone; what is above is ours.
    fn make_for(path: &Utf8Path, user: Option<(u32, u32)>) -> Result<(), CacheError> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(CacheError::Foreign { path: path.to_owned(), user: 0 });
        };
        let io = |error: rustix::io::Errno| CacheError::Io {
            action: "make",
            path: path.to_owned(),
            source: error.into(),
        };
        let above = match trust::walk(parent)? {
            walk if walk.missing.is_empty() => walk.dir,
            _ => Self::make(parent, 0o755)?.dir,
        };
        let made = match rustix::fs::mkdirat(&above, name, Mode::from_raw_mode(0o700)) {
            Ok(()) => true,
            Err(rustix::io::Errno::EXIST) => false,
            Err(error) => return Err(io(error)),
        };
        let dir = open(&above, name).map_err(io)?;
        let found = rustix::fs::fstat(&dir).map_err(io)?;
        let own = rustix::process::geteuid().as_raw();
        let wanted = user.map_or(own, |(uid, _)| uid);
        let is_empty = || -> Result<bool, rustix::io::Errno> {
            let mut entries = rustix::fs::Dir::read_from(&dir)?;
            Ok(!entries
                .any(|entry| entry.is_ok_and(|entry| ![c".", c".."].contains(&entry.file_name()))))
        };
        if found.st_uid != wanted && (found.st_uid != own || !(made || is_empty().map_err(io)?)) {
            return Err(CacheError::Foreign { path: path.to_owned(), user: found.st_uid });
        }
        if let Some(other) = other_than_entries(&dir).map_err(io)? {
            return Err(CacheError::NoCache { path: path.to_owned(), found: other });
        }
        if let Some((uid, gid)) = user {
            let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
            rustix::fs::fchown(&dir, Some(uid), Some(gid)).map_err(io)?;
        }
        rustix::fs::fchmod(&dir, Mode::from_raw_mode(0o700)).map_err(io)
    }

    /// Copies a program into this directory under its own name, whole or not at all; what runs the old one
    /// goes on.
    pub(super) fn install(&self, program: &[u8], name: &str) -> Result<(), CacheError> {
        if self.holds(name, program) {
            return Ok(());
        }
        let new = format!(".{name}.{}", std::process::id());
        let failed = |error| self.failed("write", name, error);
        let _ = rustix::fs::unlinkat(&self.dir, &new, AtFlags::empty());
        let mut file = self.file(&new, OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY, RW)?;
        let written = file.write_all(program).map_err(|source| self.io("write", name, source));
        let done = written.and_then(|()| {
            rustix::fs::fchmod(&file, Mode::from_raw_mode(0o755)).map_err(failed)?;
            rustix::fs::renameat(&self.dir, &new, &self.dir, name).map_err(failed)
        });
        if done.is_err() {
            let _ = rustix::fs::unlinkat(&self.dir, &new, AtFlags::empty());
        }
        done
    }

    /// Whether that very program is there, ours, for all to run.
    fn holds(&self, name: &str, program: &[u8]) -> bool {
        let Ok(file) = self.file(name, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty()) else {
            return false;
        };
        let Ok(found) = rustix::fs::fstat(&file) else { return false };
        let kind = FileType::from_raw_mode(found.st_mode);
        let mut old = Vec::new();
        kind == FileType::RegularFile
            && found.st_uid == rustix::process::geteuid().as_raw()
            && found.st_mode & 0o7777 == 0o755
            && u64::try_from(found.st_size).is_ok_and(|size| size == program.len() as u64)
            && file.take(program.len() as u64 + 1).read_to_end(&mut old).is_ok()
            && old == program
    }

    /// A socket that listens, not yet where builds look for it: whose it is is settled first.
    pub(super) fn listen(
        &self,
        name: &str,
        group: Option<u32>,
    ) -> Result<UnixListener, CacheError> {
        self.remove(name)?;
        let listener = UnixListener::bind(self.path.join(name))
            .map_err(|source| self.io("listen on", name, source))?;
        let failed = |error| self.failed("open to builds", name, error);
        if let Some(group) = group {
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            rustix::fs::chownat(&self.dir, name, None, Some(Gid::from_raw(group)), flags)
                .map_err(failed)?;
        }
        // The directory is ours and shown to nobody, so this is the socket of a moment ago.
        let mode = Mode::from_raw_mode(if group.is_some() { 0o660 } else { 0o600 });
        rustix::fs::chmodat(&self.dir, name, mode, AtFlags::empty()).map_err(failed)?;
        Ok(listener)
    }

    /// Puts `name` of this directory into another, in place of what is there.
    pub(super) fn give(&self, name: &str, to: &Self, new: &str) -> Result<(), CacheError> {
        let what = rustix::fs::renameat(&self.dir, name, &to.dir, new);
        match what {
            Err(rustix::io::Errno::ISDIR) => {
                Err(to.io("replace", new, io::ErrorKind::IsADirectory.into()))
            }
            other => other.map_err(|error| to.failed("write", new, error)),
        }
    }

    /// Takes a file away, if it is there. What a link leads to stays.
    pub(super) fn remove(&self, name: &str) -> Result<(), CacheError> {
        match rustix::fs::unlinkat(&self.dir, name, AtFlags::empty()) {
            Err(error) if error != rustix::io::Errno::NOENT => {
                Err(self.failed("remove", name, error))
            }
            _ => Ok(()),
        }
    }

    fn file(&self, name: &str, flags: OFlags, mode: Mode) -> Result<File, CacheError> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(self.dir.as_fd(), name, flags, mode)
            .map_err(|error| self.failed("open", name, error))?;
        Ok(File::from(file))
    }

    fn failed(&self, action: &'static str, name: &str, error: rustix::io::Errno) -> CacheError {
        self.io(action, name, error.into())
    }

    fn io(&self, action: &'static str, name: &str, source: io::Error) -> CacheError {
        CacheError::Io { action, path: self.path.join(name), source }
    }
}

/// Sees to it that the directory of the cache is one of a cache, or not there: a unit would give what is in it
/// to the daemon's user.
///
/// # Errors
/// [`CacheError::NoCache`], and what keeps it from being read.
pub fn examine(setup: &Setup) -> Result<(), CacheError> {
    let walk = trust::walk(&setup.directory);
    let (dir, path) = match walk {
        Ok(walk) if walk.missing.is_empty() => (walk.dir, walk.path),
        Ok(_) => return Ok(()),
        // That of the daemon's user, as it was made before.
        Err(CacheError::Untrusted { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let found = open(&dir, ".").and_then(|dir| other_than_entries(&dir));
    match found {
        Ok(None) | Err(rustix::io::Errno::ACCESS) => Ok(()),
        Ok(Some(found)) => Err(CacheError::NoCache { path, found }),
        Err(error) => Err(CacheError::Io { action: "read", path, source: error.into() }),
    }
}

/// The first name in a directory that is none of sccache's: it takes every file below for an entry, and the
/// oldest go when there are too many. Its own are directories called by a digit of a key, and that of the
/// preprocessor's entries; and its socket, where that is.
fn other_than_entries(dir: &OwnedFd) -> Result<Option<String>, rustix::io::Errno> {
    for entry in rustix::fs::Dir::read_from(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy();
        let is_ours = match name.as_ref() {
            "." | ".." | "preprocessor" | "sccache.sock" | "lost+found" => true,
            // What is being written lies beside what is kept.
            name if name.starts_with(".sccachetmp") => true,
            name => matches!(name.as_bytes(), [b'0'..=b'9' | b'a'..=b'f']),
        };
        if !is_ours {
            return Ok(Some(name.into_owned()));
        }
    }
    Ok(None)
}

fn open(above: &OwnedFd, name: &str) -> Result<OwnedFd, rustix::io::Errno> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
    rustix::fs::openat(above, name, flags, Mode::empty())
}
