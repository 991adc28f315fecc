//! Files at their places in the sandbox: sources, and what other steps left.
//!
//! The order of the list means nothing: parents are placed before what lies in them, directories
//! are joined, and a file that is there already is never written over. Two of one name must be the same.

use std::ffi::OsStr;
use std::fs::{self, File, FileTimes, OpenOptions, Permissions};
use std::io::{self, Read as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::facts::Facts;
use crate::failure::Failure;
use crate::json::Value;
use crate::package::{BUILD, Package, normal, workspace};

/// A file, directory or archive of the step's sources, as a plan states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it is in the store.
    pub path: String,
    /// Where it is to be.
    pub at: At,
}

/// Where a source is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The archive of a registry's crate: unpacked where the package lies.
    Archive,
    /// The root of the package's source.
    Root,
    /// A path that counts from the workspace root.
    Workspace(String),
}

impl Source {
    pub(crate) fn read(mut facts: Facts) -> Result<Self, String> {
        let path = facts.needed("path")?;
        let at = match (facts.text("kind")?.as_str(), facts.some_text("at")?) {
            ("crate", None) => At::Archive,
            ("root", None) => At::Root,
            ("", Some(place)) => At::Workspace(place),
            (kind, _) => return Err(format!("there is no source of the kind `{kind}`")),
        };
        facts.done()?;
        Ok(Self { path, at })
    }

    /// It and its place in the sandbox.
    pub(crate) fn placed(&self, package: &Package, depth: usize) -> Placed {
        let root = package.source_root(depth);
        let place = match &self.at {
            At::Archive | At::Root => root,
            At::Workspace(at) => normal(&workspace(depth).join(at)),
        };
        let how = if self.at == At::Archive { How::Unpack } else { How::Copy };
        Placed { place, path: PathBuf::from(&self.path), how }
    }
}

/// How something comes to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// An archive is unpacked; it makes the directory of that name itself.
    Unpack,
    /// A file or directory is copied, and may be written to.
    Copy,
    /// A link leads to it.
    Link,
}

/// Something in the store, and its place in the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed {
    /// The place.
    pub place: PathBuf,
    /// What is there.
    pub path: PathBuf,
    /// How it comes there.
    pub how: How,
}

impl Placed {
    pub(crate) fn link(path: PathBuf, place: PathBuf) -> Self {
        Self { place, path, how: How::Link }
    }

    pub(crate) fn write(&self) -> Value {
        let how = match self.how {
            How::Unpack => "unpack",
            How::Copy => "copy",
            How::Link => "link",
        };
        let text = |path: &Path| Value::Text(path.to_string_lossy().into_owned());
        Value::object([
            ("place", text(&self.place)),
            ("path", text(&self.path)),
            ("how", Value::Text(how.to_owned())),
        ])
    }

    pub(crate) fn read(mut facts: Facts) -> Result<Self, String> {
        let placed = Self {
            place: PathBuf::from(facts.needed("place")?),
            path: PathBuf::from(facts.needed("path")?),
            how: match facts.needed("how")?.as_str() {
                "unpack" => How::Unpack,
                "copy" => How::Copy,
                "link" => How::Link,
                word => return Err(format!("nothing is placed by `{word}`")),
            },
        };
        facts.done()?;
        Ok(placed)
    }
}

/// Puts all of `list` where it belongs.
pub(crate) fn place(mut list: Vec<Placed>, path: &OsStr) -> Result<(), Failure> {
    list.sort();
    list.dedup();
    // What must be a real directory comes before links: a link to a directory that others are placed
    // in would lead into the store.
    list.sort_by_key(|placed| placed.how == How::Link);
    for placed in &list {
        let parent = placed.place.parent().unwrap_or(Path::new(BUILD));
        let at = |error: io::Error| {
            Failure::new(format!("cannot place {}: {error}", placed.place.display()))
        };
        fs::create_dir_all(parent).map_err(at)?;
        match placed.how {
            How::Unpack => unpack(&placed.path, parent, path)?,
            How::Copy => copy(&placed.path, &placed.place).map_err(at)?,
            How::Link => link(&placed.path, &placed.place).map_err(at)?,
        }
    }
    Ok(())
}

fn unpack(archive: &Path, into: &Path, path: &OsStr) -> Result<(), Failure> {
    let mut tar = Command::new("tar");
    tar.env_clear().env("PATH", path).arg("-xzf").arg(archive).arg("-C").arg(into);
    let failed = |why: String| Failure::new(format!("cannot unpack {}: {why}", archive.display()));
    // `tar` is found by the step's PATH, not by the builder's.
    let program = std::env::split_paths(path).map(|dir| dir.join("tar")).find(|tar| tar.exists());
    let program = program.ok_or_else(|| failed("the toolchain has no tar".to_owned()))?;
    let mut command = Command::new(program);
    command.env_clear().env("PATH", path).args(tar.get_args());
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

/// Copies a file or a directory. Modes are kept, for scripts in a tree; and times: what is younger
/// later was written by a build script. Only that the store is read-only is left behind.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let data = from.symlink_metadata()?;
    if data.is_symlink() {
        return copy_link(from, to);
    }
    if data.is_dir() {
        match to.symlink_metadata() {
            Ok(there) if there.is_dir() => {}
            Ok(_) => return Err(taken(to)),
            Err(_) => fs::create_dir(to)?,
        }
        for entry in from.read_dir()? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if to.symlink_metadata().is_ok() {
        return if same(from, to)? { Ok(()) } else { Err(taken(to)) };
    }
    let mut source = File::open(from)?;
    let mode = (data.permissions().mode() & 0o777) | 0o200;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(to)?;
    io::copy(&mut source, &mut file)?;
    let modified = data.modified()?;
    file.set_times(FileTimes::new().set_accessed(modified).set_modified(modified))?;
    file.set_permissions(Permissions::from_mode(mode))
}

/// Links to `path` at `place`; where a directory is there already, what it lacks is linked in it.
fn link(path: &Path, place: &Path) -> io::Result<()> {
    match place.symlink_metadata() {
        Err(_) => symlink(path, place),
        Ok(there) if there.is_dir() && path.is_dir() => {
            for entry in path.read_dir()? {
                let entry = entry?;
                link(&entry.path(), &place.join(entry.file_name()))?;
            }
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}

/// Lays the files below `left`, which a build script wrote or changed, over those that are in the
/// build directory.
pub(crate) fn lay_over(left: &Path) -> Result<(), Failure> {
    fn lay(from: &Path, to: &Path) -> io::Result<()> {
        if !from.symlink_metadata()?.is_dir() {
            if to.symlink_metadata().is_ok_and(|there| !there.is_dir()) {
                fs::remove_file(to)?;
            }
            return copy(from, to);
        }
        if !to.is_dir() {
            fs::create_dir_all(to)?;
        }
        for entry in from.read_dir()? {
            let entry = entry?;
            lay(&entry.path(), &to.join(entry.file_name()))?;
        }
        Ok(())
    }
    if !left.exists() {
        return Ok(());
    }
    lay(left, Path::new(BUILD))
        .map_err(|error| Failure::new(format!("cannot place {}: {error}", left.display())))
}

fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    let target = fs::read_link(from)?;
    match fs::read_link(to) {
        Ok(there) if there == target => Ok(()),
        _ if to.symlink_metadata().is_ok() => Err(taken(to)),
        _ => symlink(target, to),
    }
}

fn taken(place: &Path) -> io::Error {
    io::Error::other(format!("something else is there already: {}", place.display()))
}

/// Whether two files have the same content.
fn same(a: &Path, b: &Path) -> io::Result<bool> {
    let (a, b) = (File::open(a)?, File::open(b)?);
    if a.metadata()?.len() != b.metadata()?.len() || !b.metadata()?.is_file() {
        return Ok(false);
    }
    let (mut a, mut b) = (io::BufReader::new(a).bytes(), io::BufReader::new(b).bytes());
    loop {
        match (a.next().transpose()?, b.next().transpose()?) {
            (None, None) => return Ok(true),
            (x, y) if x != y => return Ok(false),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{How, Placed, copy, place};
    use std::ffi::OsStr;
    use std::fs;
    use std::path::{Path, PathBuf};

    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let dir =
                std::env::temp_dir().join(format!("rbn-builder-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&dir);
            fs::create_dir_all(&dir).expect("a directory");
            Self(dir)
        }

        fn file(&self, path: &str, text: &str) -> PathBuf {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(&path, text).expect("a file");
            path
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn placed(path: &Path, place: &Path) -> Placed {
        Placed { place: place.to_owned(), path: path.to_owned(), how: How::Copy }
    }

    #[test]
    fn a_directory_and_a_file_in_it_are_joined_in_any_order() {
        let dir = Directory::new("joined");
        let file = dir.file("store/proto/user.proto", "user");
        dir.file("store/proto/common.proto", "common");
        let whole = placed(&dir.0.join("store/proto"), &dir.0.join("build/ws/proto"));
        let one = placed(&file, &dir.0.join("build/ws/proto/user.proto"));
        for list in [vec![whole.clone(), one.clone()], vec![one, whole]] {
            place(list, OsStr::new("")).expect("placed");
            let mut found: Vec<_> = fs::read_dir(dir.0.join("build/ws/proto"))
                .expect("a directory")
                .map(|entry| entry.expect("an entry").file_name())
                .collect();
            found.sort();
            assert_eq!(found, ["common.proto", "user.proto"]);
            fs::remove_dir_all(dir.0.join("build")).expect("removed");
        }
    }

    #[test]
    fn nothing_is_written_over() {
        let dir = Directory::new("over");
        let (one, two) = (dir.file("one", "1"), dir.file("two", "2"));
        copy(&one, &dir.0.join("there")).expect("copied");
        copy(&one, &dir.0.join("there")).expect("the same again");
        let error = copy(&two, &dir.0.join("there")).expect_err("another file");
        assert!(error.to_string().contains("something else is there already"), "{error}");
        assert_eq!(fs::read_to_string(dir.0.join("there")).expect("a file"), "1");
    }
}
