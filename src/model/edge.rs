//! What a step takes from another.

use serde::{Deserialize, Serialize};

/// What an edge carries, from the step that needs it to the step that makes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "carries", rename_all = "kebab-case")]
pub enum Edge {
    /// A crate, known to the dependent by this name (`--extern NAME=`).
    Extern {
        /// The name in the dependent's code.
        name: String,
    },
    /// A library that must be there but cannot be linked as a crate (a cdylib or staticlib).
    Unlinkable,
    /// The build script's program, for its run.
    ScriptProgram,
    /// The results of the package's own build script.
    ScriptOutput,
    /// `DEP_<LINKS>_*` of a direct dependency's build script, for a run.
    Links {
        /// The dependency's `links` key.
        links: String,
    },
    /// A bin of the same package that an integration test starts (`CARGO_BIN_EXE_<name>`).
    BinExe {
        /// The bin's name.
        name: String,
    },
}
