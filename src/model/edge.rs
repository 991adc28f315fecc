//! What a step takes from another.

use serde::{Deserialize, Serialize};

/// An option of an extern crate, which only a nightly Cargo passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExternOption {
    /// `priv`: the dependent's own interface shows nothing of it.
    Priv,
    /// `noprelude`: its name is not there by itself.
    Noprelude,
    /// `nounused`: no lint says that it is not used.
    Nounused,
}

impl ExternOption {
    /// The option that rustc spells so.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Priv, Self::Noprelude, Self::Nounused].into_iter().find(|one| one.as_str() == word)
    }

    /// The option as rustc spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Priv => "priv",
            Self::Noprelude => "noprelude",
            Self::Nounused => "nounused",
        }
    }
}

/// What an edge carries, from the step that needs it to the step that makes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "carries", rename_all = "kebab-case")]
pub enum Edge {
    /// A crate, known to the dependent by this name (`--extern NAME=`).
    Extern {
        /// The name in the dependent's code.
        name: String,
        /// How the dependent sees it (`--extern OPTIONS:NAME=`), in Cargo's order; mostly nothing.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        options: Vec<ExternOption>,
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
