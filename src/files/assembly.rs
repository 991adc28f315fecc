//! A tree of files that is put together in a temporary directory, for Nix to take into its store.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use camino::{Utf8Path, Utf8PathBuf};

/// The directory; it goes with this value.
pub struct Assembly {
    dir: tempfile::TempDir,
    root: Utf8PathBuf,
}

impl Assembly {
    /// An empty tree, whose own directory is called `name`: a store path is named so.
    ///
    /// # Errors
    /// The system's.
    pub fn new(name: &str) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix("rbn-plan-").tempdir()?;
        let path = Utf8PathBuf::from_path_buf(dir.path().to_owned());
        let path =
            path.map_err(|path| io::Error::other(format!("{} is no text", path.display())))?;
        let root = path.join(name);
        fs::create_dir(&root)?;
        Ok(Self { dir, root })
    }

    /// Where it lies.
    #[must_use]
    pub fn root(&self) -> &Utf8Path {
        &self.root
    }

    /// A copy of the file `from`, which may be run if that may be.
    ///
    /// # Errors
    /// The system's.
    pub fn copy(&self, at: &Utf8Path, from: &Utf8Path) -> io::Result<()> {
        fs::copy(from, self.place(at)?)?;
        Ok(())
    }

    /// A file of these bytes.
    ///
    /// # Errors
    /// The system's.
    pub fn file(&self, at: &Utf8Path, bytes: &[u8], runs: bool) -> io::Result<()> {
        let place = self.place(at)?;
        fs::write(&place, bytes)?;
        let mode = if runs { 0o755 } else { 0o644 };
        fs::set_permissions(&place, fs::Permissions::from_mode(mode))
    }

    /// A link.
    ///
    /// # Errors
    /// The system's.
    pub fn link(&self, at: &Utf8Path, target: &Utf8Path) -> io::Result<()> {
        symlink(target, self.place(at)?)
    }

    /// Takes it away, and says so if that cannot be done.
    ///
    /// # Errors
    /// The system's.
    pub fn close(self) -> io::Result<()> {
        self.dir.close()
    }

    fn place(&self, at: &Utf8Path) -> io::Result<Utf8PathBuf> {
        let place = self.root.join(at);
        if let Some(dir) = place.parent() {
            fs::create_dir_all(dir)?;
        }
        Ok(place)
    }
}
