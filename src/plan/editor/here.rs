//! What there is on this machine of a plan.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use rbn_builder::note;

use crate::model::{PackageKey, StepId};

/// What there is on this machine.
#[derive(Debug, Default)]
pub struct Here {
    /// The workspace root.
    pub root: Utf8PathBuf,
    /// Outputs of steps, whether they were built or not.
    pub outputs: BTreeMap<StepId, String>,
    /// The files of procedural macros that were built.
    pub macros: BTreeMap<StepId, String>,
    /// What build scripts that were run told.
    pub runs: BTreeMap<StepId, note::Run>,
    /// Where the sources of packages lie that are not in the tree: of a git package the repository's.
    pub sources: BTreeMap<PackageKey, Utf8PathBuf>,
    /// Where the compiler keeps its libraries.
    pub sysroot: Option<Utf8PathBuf>,
    /// The sources of its standard library.
    pub sysroot_src: Option<Utf8PathBuf>,
    /// Flags with which `rbn-plan build` plans the same steps.
    pub flags: Vec<String>,
}
