//! A planned rustc run, as far as it is known before anything was built.

use rbn_builder::effects::LinkedAs;
use serde::{Deserialize, Serialize};

/// A rustc run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCompile {
    /// rustc's arguments, without `--extern NAME=PATH` and without what build scripts decide.
    pub args: Vec<String>,
    /// What is passed as `--extern`.
    pub externs: Vec<PlannedExtern>,
    /// The step that runs the package's own build script.
    pub script: Option<String>,
    /// Steps of build scripts whose search paths reach this call, the own one among them, in the
    /// plan's order (see [`rbn_builder::crates::natives`]).
    pub scripts: Vec<String>,
    /// What is compiled.
    pub linked_as: LinkedKind,
    /// Whether the package has a library.
    pub package_has_lib: bool,
}

/// One `--extern`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlannedExtern {
    /// Name, with options if there are any: `serde`, `priv:serde`, `noprelude:core`.
    pub name: String,
    /// The step that makes the crate.
    pub step: String,
}

/// [`LinkedAs`] with a name of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkedKind {
    /// A library.
    Lib {
        /// Whether cdylib is one of its crate types.
        cdylib: bool,
    },
    /// A bin of this name.
    Bin(String),
    /// An example that is a program.
    Example,
    /// An integration test.
    Test,
    /// A benchmark.
    Bench,
    /// A build script, or an example that is a library.
    Other,
}

impl LinkedKind {
    /// The kind with a name of its own.
    #[must_use]
    pub fn of(linked_as: &LinkedAs<'_>) -> Self {
        match linked_as {
            LinkedAs::Lib { cdylib } => Self::Lib { cdylib: *cdylib },
            LinkedAs::Bin(name) => Self::Bin((*name).to_owned()),
            LinkedAs::Example => Self::Example,
            LinkedAs::Test => Self::Test,
            LinkedAs::Bench => Self::Bench,
            LinkedAs::Other => Self::Other,
        }
    }

    /// The borrowed form.
    pub fn as_linked(&self) -> LinkedAs<'_> {
        match self {
            Self::Lib { cdylib } => LinkedAs::Lib { cdylib: *cdylib },
            Self::Bin(name) => LinkedAs::Bin(name),
            Self::Example => LinkedAs::Example,
            Self::Test => LinkedAs::Test,
            Self::Bench => LinkedAs::Bench,
            Self::Other => LinkedAs::Other,
        }
    }
}
