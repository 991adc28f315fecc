//! What follows for a step from what rustc's own build asks of it. Like [`crate::bootstrap`], it stands in
//! plans of that build only.

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
