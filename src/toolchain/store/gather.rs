//! Decides what the tree holds.

use super::elf::Kind;
use super::error::StoreError;
use super::gathering::{Gathering, bytes};
use super::place::Place;
use super::tree::Tree;
use crate::toolchain::host::HostToolchain;

/// What the tree is made of.
pub struct Asked<'a> {
    /// What is here.
    pub host: &'a HostToolchain,
    /// C libraries that crates link, as a linker names them: `z`.
    pub libraries: &'a [String],
    /// Further programs.
    pub programs: &'a [String],
}

/// The tree, for a toolchain that will lie at `place`.
///
/// # Errors
/// [`StoreError`] for what is missing here.
pub fn gather(asked: &Asked<'_>, place: &Place) -> Result<Tree, StoreError> {
    let host = asked.host;
    let cc = host.links.get("cc").cloned().unwrap_or_default();
    for path in [&cc, &host.rustc] {
        if path.starts_with("/nix/store") {
            return Err(StoreError::InStore { path: path.clone() });
        }
    }
    let Kind::Program(loader) = Kind::of(&cc, &bytes(&cc)?)? else {
        return Err(StoreError::NoGcc { cc });
    };
    let mut gathering = Gathering { cc, loader, tree: Tree::default() };
    gathering.runtime(asked.libraries)?;
    gathering.c_compiler(place)?;
    gathering.headers_and_objects(asked.libraries)?;
    gathering.rust(host)?;
    gathering.programs(asked.programs)?;
    gathering.top();
    Ok(gathering.tree)
}
