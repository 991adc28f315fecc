//! Writing files: whole or not at all, never over what a person wrote, and never through a link to
//! a place where nobody asked us to write.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;
use thiserror::Error;

use super::{GENERATED, is_marked, place, reader};
use crate::process::interrupt::Watch;

/// How much of a file is read for its mark.
const HEAD: usize = 400;

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
    /// The file is there and is not what this program leaves at that place.
    #[error("{path} was not written by rbn-plan, so it is not overwritten")]
    #[diagnostic(help("move it away"))]
    NotOurs {
        /// The file.
        path: Utf8PathBuf,
    },
    /// A link on the way leads out.
    #[error("{path} leads through a link to {real}, which is outside of {within}")]
    #[diagnostic(help(
        "take the link away: what is written without its name being given stays inside"
    ))]
    LeadsOut {
        /// What was to be written.
        path: Utf8PathBuf,
        /// Where it would have been.
        real: Utf8PathBuf,
        /// Where it must stay.
        within: Utf8PathBuf,
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
        source: io::Error,
    },
}

/// What may lie in the place of a file that a user did not name.
#[derive(Clone, Copy)]
pub enum Ours {
    /// What bears the mark.
    Marked,
    /// What this tells by the text.
    Known(fn(&str) -> bool),
}

/// Writes `text` to `path`, which a person named, unless a file without the mark is there.
///
/// # Errors
/// [`WriteError`]; the old content stays in place.
pub fn write_generated(path: &Utf8Path, text: &str) -> Result<(), WriteError> {
    if !is_device(path) {
        is_ours(path, path, Ours::Marked)?;
    }
    write(path, text)
}

/// Writes `text` to `path` below `within`, a name that comes from the project's files and not from
/// a person's command: no link may lead out of `within`, and what is there must be `ours`.
///
/// # Errors
/// [`WriteError`]; the old content stays in place.
pub fn write_within(
    within: &Utf8Path,
    path: &Utf8Path,
    text: &str,
    ours: Ours,
) -> Result<(), WriteError> {
    let real = stays_within(within, path)?;
    is_ours(path, &real, ours)?;
    replace(&real, text).map_err(|source| WriteError::Io { path: path.to_owned(), source })
}

/// Where `path` leads to, if that is below `within`: for what another program writes or what is removed there.
///
/// # Errors
/// [`WriteError::LeadsOut`], and links that go round in a circle.
pub fn stays_within(within: &Utf8Path, path: &Utf8Path) -> Result<Utf8PathBuf, WriteError> {
    let io = |source| WriteError::Io { path: path.to_owned(), source };
    let real = place::real(path).map_err(io)?;
    if real.starts_with(place::real(within).map_err(io)?) {
        return Ok(real);
    }
    let (path, within) = (path.to_owned(), within.to_owned());
    Err(WriteError::LeadsOut { path, real, within })
}

/// As [`write_within`], for a file that people and this program share, such as `.gitattributes`:
/// whatever is there is replaced.
///
/// # Errors
/// [`WriteError`]; the old content stays in place.
pub fn edit_within(within: &Utf8Path, path: &Utf8Path, text: &str) -> Result<(), WriteError> {
    write_within(within, path, text, Ours::Known(|_| true))
}

/// Writes `text` to `path`, which a person named, whatever is there. A link stays, and what it
/// points at is written; a device or a pipe is written to.
///
/// # Errors
/// [`WriteError::Io`]; the old content stays in place.
pub fn write(path: &Utf8Path, text: &str) -> Result<(), WriteError> {
    let io = |source| WriteError::Io { path: path.to_owned(), source };
    // A file in the place of a device would take it away from everybody.
    if is_device(path) {
        return fs::write(path, text).map_err(io);
    }
    replace(&place::real(path).map_err(io)?, text).map_err(io)
}

/// Makes the directory that `path` is to lie in.
///
/// # Errors
/// [`WriteError::Io`].
pub fn directory_of(path: &Utf8Path) -> Result<(), WriteError> {
    let dir = path.parent().filter(|dir| !dir.as_str().is_empty());
    dir.map_or(Ok(()), fs::create_dir_all)
        .map_err(|source| WriteError::Io { path: path.to_owned(), source })
}

/// Makes the directory `dir`, and holds it against another that holds it, until the file is dropped. Where the file
/// system knows no locks, nobody waits.
///
/// # Errors
/// [`WriteError::Io`].
pub fn held(dir: &Utf8Path) -> Result<fs::File, WriteError> {
    let io = |source| WriteError::Io { path: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(io)?;
    let file = fs::File::open(dir).map_err(io)?;
    let _ = file.lock();
    Ok(file)
}

/// Takes away a file or a link that this program wrote below `within`; what cannot be taken away stays, and
/// what lies elsewhere, behind a link on the way.
pub fn remove_within(within: &Utf8Path, path: &Utf8Path) {
    let dir = path.parent().unwrap_or(within);
    if stays_within(within, dir).is_ok() {
        let _ = fs::remove_file(path);
    }
}

/// Puts a file with `text` in the place of `target`, by a temporary file beside it; makes the
/// directory if it is missing. Of what is there the permissions stay.
///
/// # Errors
/// The system's.
pub fn replace(target: &Utf8Path, text: &str) -> io::Result<()> {
    put(target, text, fs::File::sync_all)
}

/// The same for what may be lost, and is not waited for until it is on the disk: a cache.
///
/// # Errors
/// The system's.
pub fn cache(target: &Utf8Path, text: &str) -> io::Result<()> {
    put(target, text, |_| Ok(()))
}

fn put(
    target: &Utf8Path,
    text: &str,
    settle: impl Fn(&fs::File) -> io::Result<()>,
) -> io::Result<()> {
    // A signal waits until the temporary file has gone.
    let _watch = Watch::start()?;
    let dir = match target.parent() {
        Some(dir) if !dir.as_str().is_empty() => dir,
        _ => Utf8Path::new("."),
    };
    fs::create_dir_all(dir)?;
    let mode = match fs::metadata(target) {
        Ok(data) if data.is_file() => data.permissions().mode() & 0o777,
        _ => 0o644,
    };
    let mut file = tempfile::Builder::new().prefix(".rbn-plan-").tempfile_in(dir)?;
    file.write_all(text.as_bytes())?;
    settle(file.as_file())?;
    file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
    file.persist(target).map_err(|error| error.error)?;
    Ok(())
}

/// Whether what lies at `real`, called `path`, may be replaced.
fn is_ours(path: &Utf8Path, real: &Utf8Path, ours: Ours) -> Result<(), WriteError> {
    let old = match reader::bytes(real) {
        Ok(old) => old,
        Err(error) if error.is_absent() => return Ok(()),
        // A link to nothing is followed by who writes.
        Err(reader::ReadError::Dangling { .. }) => return Ok(()),
        Err(reader::ReadError::Io { source, .. }) => {
            return Err(WriteError::Io { path: path.to_owned(), source });
        }
        Err(_) => return Err(WriteError::NotOurs { path: path.to_owned() }),
    };
    if old.is_empty() {
        return Ok(());
    }
    match ours {
        Ours::Marked => {
            let head = String::from_utf8_lossy(&old[..old.len().min(HEAD)]);
            let path = path.to_owned();
            if is_marked(&head) { Ok(()) } else { Err(WriteError::Foreign { path }) }
        }
        Ours::Known(is_known) => {
            let is_ours = std::str::from_utf8(&old).is_ok_and(is_known);
            if is_ours { Ok(()) } else { Err(WriteError::NotOurs { path: path.to_owned() }) }
        }
    }
}

/// Whether `path` is there and neither a file nor a directory.
fn is_device(path: &Utf8Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn dir() -> (tempfile::TempDir, Utf8PathBuf) {
        let dir = tempfile::tempdir().expect("a directory");
        let path = Utf8PathBuf::from_path_buf(dir.path().canonicalize().expect("a path"));
        (dir, path.expect("a name of letters"))
    }

    #[test]
    fn no_link_leads_out() {
        let (_dir, top) = dir();
        let (project, victim) = (top.join("project"), top.join("victim"));
        fs::create_dir_all(project.join("target")).expect("a directory");
        fs::create_dir_all(top.join("elsewhere")).expect("a directory");
        fs::write(&victim, "mine").expect("written");
        symlink(&victim, project.join("target/timeline.json")).expect("a link");
        symlink("../../elsewhere/new", project.join("target/dangling")).expect("a link");
        symlink("../../elsewhere", project.join("target/deep")).expect("a link");
        symlink("inner", project.join("target/inside")).expect("a link");
        let write =
            |path: &str| write_within(&project, &project.join(path), "{}", Ours::Known(|_| true));
        for path in ["target/timeline.json", "target/dangling", "target/deep/er/x", "../victim"] {
            let refused = write(path);
            assert!(matches!(refused, Err(WriteError::LeadsOut { .. })), "{path}: {refused:?}");
        }
        assert_eq!(fs::read_to_string(&victim).expect("it is there"), "mine");
        assert_eq!(fs::read_dir(top.join("elsewhere")).expect("it is there").count(), 0);
        // Inside, a link stays and its end is written.
        write("target/inside").expect("written");
        assert_eq!(fs::read_to_string(project.join("target/inner")).expect("there"), "{}");
        assert!(project.join("target/inside").is_symlink());
    }

    #[test]
    fn what_lies_behind_a_link_is_not_removed() {
        let (_dir, top) = dir();
        let archive = top.join("archive");
        fs::create_dir_all(archive.join("own")).expect("directories");
        fs::create_dir(top.join("elsewhere")).expect("a directory");
        symlink("../elsewhere", archive.join("nar")).expect("a link");
        for file in ["elsewhere/mine", "archive/own/ours", "archive/ours"] {
            fs::write(top.join(file), "").expect("written");
        }
        symlink("../elsewhere/mine", archive.join("link")).expect("a link");
        for path in ["nar/mine", "own/../../elsewhere/mine", "own/ours", "ours", "link"] {
            remove_within(&archive, &archive.join(path));
        }
        assert!(top.join("elsewhere/mine").exists());
        for path in ["own/ours", "ours", "link"] {
            assert!(archive.join(path).symlink_metadata().is_err(), "{path}");
        }
    }

    #[test]
    fn what_others_wrote_stays() {
        let (_dir, top) = dir();
        let file = top.join("file");
        let marked = |text: &str| write_within(&top, &file, text, Ours::Marked);
        marked("# @generated by rbn-plan 1").expect("a new file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it may");
        marked("# @generated by `rbn-plan ci`").expect("our own");
        let mode = fs::metadata(&file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(&file, "by hand").expect("written");
        assert!(matches!(marked("# @generated"), Err(WriteError::Foreign { .. })));
        fs::write(&file, "# This file is automatically @generated by Cargo.").expect("written");
        assert!(matches!(marked("# @generated"), Err(WriteError::Foreign { .. })));
        let known = write_within(&top, &file, "x", Ours::Known(|text| text.starts_with('{')));
        assert!(matches!(known, Err(WriteError::NotOurs { .. })));
        fs::remove_file(&file).expect("gone");
        fs::create_dir(&file).expect("a directory");
        assert!(matches!(marked("# @generated"), Err(WriteError::Io { .. })));
        assert_eq!(fs::read_dir(&top).expect("there").count(), 1, "something was left behind");
    }
}
