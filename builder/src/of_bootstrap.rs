//! What follows for a step from what rustc's own build asks of it. Like [`crate::bootstrap`], it stands in
//! plans of that build only.

use std::collections::BTreeSet;
use std::path::Path;

use crate::bootstrap::Bootstrap;
use crate::step::{Action, Compile, Step};
use crate::target::{CrateType, Kind, Mode};

impl Step {
    /// The step as its identity knows it.
    #[must_use]
    pub fn salted(&self) -> Self {
        let mut step = self.clone();
        let metadata = &self.bootstrap.metadata;
        if !metadata.is_empty() {
            step.package.name = format!("{metadata}\n{}", step.package.name);
        }
        step
    }

    /// Whether the step's output keeps the metadata that its rustc writes beside a library.
    #[must_use]
    pub fn keeps_metadata(&self) -> bool {
        matches!(&self.action, Action::Compile(compile) if compile.keeps_metadata(&self.bootstrap))
    }
}

impl Action {
    /// What a step does, with what follows for it.
    #[must_use]
    pub fn settled(mut self, bootstrap: &Bootstrap) -> Self {
        if let Self::Compile(compile) = &mut self {
            compile.splits = compile.is_split(bootstrap);
            compile.hashed = !bootstrap.metadata.is_empty();
        }
        self
    }
}

impl Compile {
    /// The file of its own that a crate's metadata stands in.
    #[must_use]
    pub fn metadata_file(&self, name: &str) -> Option<String> {
        self.splits.then(|| format!("lib{name}.rmeta"))
    }

    /// Whether the step's output keeps its metadata.
    #[must_use]
    pub fn keeps_metadata(&self, bootstrap: &Bootstrap) -> bool {
        bootstrap.keep || self.splits
    }

    fn is_split(&self, bootstrap: &Bootstrap) -> bool {
        let types = [CrateType::Lib, CrateType::Rlib, CrateType::Dylib];
        let is_library = self.crate_types.iter().any(|kind| types.contains(kind));
        bootstrap.split && self.mode == Mode::Build && self.kind != Kind::ProcMacro && is_library
    }
}

/// Of metadata that two steps wrote, that which lies beside its library. The other has the same name, and rustc
/// finds crates by their files' names.
#[must_use]
pub fn once(files: BTreeSet<String>) -> BTreeSet<String> {
    let is_beside = |file: &String| {
        let library = Path::new(file).with_extension("rlib");
        files.contains(&*library.to_string_lossy())
    };
    let name = |file: &String| Path::new(file).file_name().map(ToOwned::to_owned);
    let beside: BTreeSet<_> = files.iter().filter(|file| is_beside(file)).map(name).collect();
    let kept = |file: &&String| is_beside(file) || !beside.contains(&name(file));
    files.iter().filter(kept).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::once;

    #[test]
    fn metadata_beside_a_library_stands_for_that_of_its_own_step() {
        let files = |all: &[&str]| all.iter().map(|file| (*file).to_owned()).collect();
        let all =
            files(&["/a/libc.rlib", "/a/libc.rmeta", "/b/libc.rmeta", "/b/libd.rmeta", "/m.so"]);
        assert_eq!(once(all), files(&["/a/libc.rlib", "/a/libc.rmeta", "/b/libd.rmeta", "/m.so"]));
    }
}
