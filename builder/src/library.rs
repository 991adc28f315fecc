//! Where programs that run find their libraries.
//!
//! Source: `Compilation::fill_env` of Cargo 1.95: native directories below the target directory, the
//! profile's directory, that of crates, the compiler's own for the target.

use std::path::Path;

use crate::effects::Script;
use crate::here::Here;
use crate::package::{DEPS, TARGET};

/// Directories below the target directory that build scripts named, without their kinds, in order.
pub(crate) fn natives(scripts: &[Script<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    for path in scripts.iter().flat_map(|script| &script.directives.search_paths) {
        let plain = path.split_once('=').map_or(path.as_str(), |(_, plain)| plain);
        if Path::new(plain).starts_with(TARGET) && !found.iter().any(|known| known == plain) {
            found.push(plain.to_owned());
        }
    }
    found.sort();
    found
}

/// The value of `LD_LIBRARY_PATH`.
pub(crate) fn path(here: &Here, natives: &[String], directory: &str) -> String {
    let mut all = natives.to_vec();
    all.extend([directory.to_owned(), DEPS.to_owned()]);
    if !here.tools.library_path.is_empty() {
        all.push(here.tools.library_path.clone());
    }
    all.join(":")
}
