//! The files of a tree that Cargo and rustup read by themselves, wherever a command starts.
//!
//! Both read whatever lies there: a FIFO keeps them waiting for ever. So they are looked at first.

use camino::{Utf8Path, Utf8PathBuf};

use crate::files::reader::{self, ReadError};

/// Cargo's configuration in one folder; the first one wins, where both are there.
const CONFIGS: [&str; 2] = ["config", "config.toml"];

/// rustup's choice of a toolchain.
const TOOLCHAINS: [&str; 2] = ["rust-toolchain", "rust-toolchain.toml"];

/// `dir` as programs that are started there see it, and what is above.
fn above(dir: &Utf8Path) -> Vec<Utf8PathBuf> {
    let real = dir.canonicalize_utf8().unwrap_or_else(|_| dir.to_owned());
    real.ancestors().map(Utf8Path::to_owned).collect()
}

/// The configuration files of Cargo in `dir` and above, as far as they are the tree's: the user's
/// own home of Cargo is not, unless it lies in the tree.
#[must_use]
pub fn configs(dir: &Utf8Path) -> Vec<Utf8PathBuf> {
    let folders = above(dir);
    let is_top = |folder: &&Utf8PathBuf| folder.join(".git").exists();
    let top = folders.iter().find(is_top).or(folders.first()).cloned().unwrap_or_default();
    let home = super::home().and_then(|home| dir.join(home).canonicalize_utf8().ok());
    let mut places: Vec<Utf8PathBuf> = folders.iter().map(|dir| dir.join(".cargo")).collect();
    match home {
        Some(home) if home.starts_with(&top) && !places.contains(&home) => places.push(home),
        Some(home) if !home.starts_with(&top) => {
            places.retain(|place| place.canonicalize_utf8().ok().as_ref() != Some(&home));
        }
        _ => {}
    }
    named(places.iter(), &CONFIGS)
}

/// The files that choose a toolchain in `dir` and above.
#[must_use]
pub fn toolchains(dir: &Utf8Path) -> Vec<Utf8PathBuf> {
    named(above(dir).iter(), &TOOLCHAINS)
}

fn named<'p>(places: impl Iterator<Item = &'p Utf8PathBuf>, names: &[&str]) -> Vec<Utf8PathBuf> {
    let files = places.flat_map(|place| names.iter().map(|name| place.join(name)));
    files.filter(|file| file.symlink_metadata().is_ok_and(|data| !data.is_dir())).collect()
}

/// Whether Cargo and rustup can read what they will read in `dir`.
///
/// # Errors
/// [`ReadError`] for what is no file, and for a link to nothing.
pub fn check(dir: &Utf8Path, manifest: Option<&Utf8Path>) -> Result<(), ReadError> {
    let folders = above(dir);
    let mut files = named(folders.iter(), &["Cargo.toml", "Cargo.lock"]);
    files.extend(named(
        folders.iter().map(|dir| dir.join(".cargo")).collect::<Vec<_>>().iter(),
        &CONFIGS,
    ));
    files.extend(toolchains(dir));
    if let Some(manifest) = manifest {
        let folder = dir.join(manifest).parent().map(above).unwrap_or_default();
        files.extend(named(folder.iter(), &["Cargo.toml", "Cargo.lock"]));
    }
    for file in files {
        match reader::check(&file) {
            // What may not be read is for those to say who need it.
            Ok(_) | Err(ReadError::Io { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
