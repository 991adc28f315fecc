//! What Cargo unpacked or checked out: it leaves the mark `.cargo-ok` when it is done.
//!
//! Source: `unpack_package` of `sources/registry` and `GitCheckout::reset` of Cargo 1.95. The mark of a registry's package has a
//! format in it; without that, Cargo unpacks anew. That of a checkout is empty.

use camino::Utf8Path;

use super::metadata::RawPackage;

/// The mark.
const MARK: &str = ".cargo-ok";

/// Whether Cargo is done with the directory of a registry's package or of a commit's.
#[must_use]
pub fn is_unpacked(package: &RawPackage) -> bool {
    let Some(dir) = package.manifest_path.parent() else { return false };
    match package.source.as_deref() {
        Some(source) if source.starts_with("git+") => {
            dir.ancestors().any(|parent| parent.join(MARK).is_file())
        }
        Some(_) => dir.join(MARK).metadata().is_ok_and(|mark| mark.is_file() && mark.len() > 0),
        None => false,
    }
}

/// The root of Cargo's checkout that `dir` lies in; a submodule has a mark of its own, so it is the outermost that counts.
#[must_use]
pub fn checkout(dir: &Utf8Path) -> &Utf8Path {
    dir.ancestors().filter(|parent| parent.join(MARK).is_file()).last().unwrap_or(dir)
}
