//! Where programs that run find their libraries.
//!
//! Source: `Compilation::fill_env` and `filter_dynamic_search_path` of Cargo 1.95: native directories below
//! the target directory, the profile's directory, that of crates, the compiler's own for the target.

use std::collections::BTreeSet;
use std::path::Path;

use crate::effects::Script;
use crate::here::Here;
use crate::package::{DEPS, TARGET};

/// What a search path may begin with.
const KINDS: [&str; 5] = ["native=", "crate=", "dependency=", "framework=", "all="];

/// Search paths that build scripts named, in the order of paths.
pub(crate) fn natives(scripts: &[Script<'_>]) -> Vec<String> {
    let paths = scripts.iter().flat_map(|script| &script.directives.search_paths);
    let sorted: BTreeSet<&Path> = paths.map(Path::new).collect();
    sorted.into_iter().map(|path| path.to_string_lossy().into_owned()).collect()
}

/// The directory of a search path below the target directory, without its kind.
fn below_target(path: &str) -> Option<String> {
    let plain = KINDS.iter().find_map(|kind| path.strip_prefix(kind)).unwrap_or(path);
    Path::new(plain).starts_with(TARGET).then(|| plain.to_owned())
}

/// The value of `LD_LIBRARY_PATH`.
pub(crate) fn path(here: &Here, natives: &[String], directory: &str) -> String {
    let mut all: Vec<String> = natives.iter().filter_map(|path| below_target(path)).collect();
    all.extend([directory.to_owned(), DEPS.to_owned()]);
    if !here.tools.library_path.is_empty() {
        all.push(here.tools.library_path.clone());
    }
    all.join(":")
}
