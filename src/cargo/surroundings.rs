//! What all path packages of a workspace share.

use std::sync::atomic::{AtomicUsize, Ordering};

use camino::{Utf8Path, Utf8PathBuf};

use super::checkout::Checkout;
use super::error::CargoError;
use super::paths::{normal, relative};

/// How many files and directories are looked at, for all packages together.
const MOST: usize = 1_000_000;

/// What all packages of a workspace share.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// The workspace root, as Cargo says it.
    pub root: &'a Utf8Path,
    /// The same without symbolic links.
    pub real_root: Utf8PathBuf,
    /// What directories that are brought whole may not leave, without symbolic links.
    pub bound: Utf8PathBuf,
    /// Where Cargo builds.
    pub target: &'a Utf8Path,
    /// Git's view, where there is one.
    pub checkout: Option<&'a Checkout>,
    /// How much has been looked at.
    pub seen: AtomicUsize,
}

impl Surroundings<'_> {
    /// Where a place lies if no link is on the way.
    #[must_use]
    pub fn expected(&self, place: &Utf8Path) -> Utf8PathBuf {
        normal(&self.real_root.join(relative(self.root, place)))
    }

    /// Counts a file or a directory that is looked at.
    ///
    /// # Errors
    /// [`CargoError::TooManyFiles`].
    pub fn count(&self, path: &Utf8Path) -> Result<(), CargoError> {
        if self.seen.fetch_add(1, Ordering::Relaxed) >= MOST {
            return Err(CargoError::TooManyFiles { path: path.to_owned(), most: MOST });
        }
        Ok(())
    }
}
