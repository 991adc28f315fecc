//! Which package Cargo takes where nothing names one: the one whose directory it stands in.

use camino::{Utf8Path, Utf8PathBuf};

use super::files;
use super::options::Options;

/// The directory of the nearest manifest, from the workspace `root`; nothing for the root's own,
/// and where there is none.
#[must_use]
pub fn below(options: &Options, root: &Utf8Path) -> Option<Utf8PathBuf> {
    let manifest = match &options.manifest_path {
        Some(path) => options.dir.join(path),
        None => {
            let real = options.dir.canonicalize_utf8().ok()?;
            real.ancestors().map(|dir| dir.join("Cargo.toml")).find(|file| file.is_file())?
        }
    };
    let dir = manifest.parent()?.canonicalize_utf8().ok()?;
    let root = root.canonicalize_utf8().ok()?;
    (dir != root).then(|| files::relative(&root, &dir))
}
