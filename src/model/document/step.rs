//! A step in a document.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Additions;
use super::StepRef;

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The key of its package.
    pub package: String,
    /// What runs: rustc, or a build script.
    pub action: Action,
    /// The kind of its build target (of a run: `custom-build`).
    pub kind: Kind,
    /// What rustc is asked for.
    pub mode: Mode,
    /// The build target; none for runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Build>,
    /// Code generation.
    pub profile: Profile,
    /// Its part in link-time optimisation, where it has one: `run`, `run-thin`, `off`, ...
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub lto: String,
    /// Enabled features, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// `rustc`, or the place of the build script's program.
    pub program: String,
    /// The arguments, after the program's name. `$out` stands for the output's directory.
    pub argv: Vec<String>,
    /// The environment as Cargo sets it; what only the builder knows is not in it.
    pub env: BTreeMap<String, String>,
    /// The directory that it runs in.
    pub cwd: String,
    /// What it reads of its package.
    pub sources: Sources,
    /// What it takes from other steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Dependency>,
    /// What config.toml adds.
    #[serde(default, skip_serializing_if = "Additions::is_empty")]
    pub additions: Additions,
    /// The lines that configuration gives in place of a run of the build script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Vec<String>>,
    /// `-C metadata`: 16 hexadecimal digits. Runs have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
}

/// What a step does.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Run rustc.
    Compile,
    /// Run a build script.
    RunScript,
}

/// The kind of a build target.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "Cargo's words")]
pub enum Kind {
    Lib,
    ProcMacro,
    Bin,
    Example,
    Test,
    Bench,
    CustomBuild,
}

impl Kind {
    /// In a reader's words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Lib => "library",
            Self::ProcMacro => "procedural macro",
            Self::Bin => "program",
            Self::Example => "example",
            Self::Test => "integration test",
            Self::Bench => "benchmark",
            Self::CustomBuild => "build script",
        }
    }
}

/// What rustc is asked for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Compile and link; or run the build script.
    Build,
    /// Compile and link with tests in it.
    Test,
    /// Type-check only.
    Check,
    /// Type-check with tests in it.
    CheckTest,
    /// Compile and run the tests in its documentation.
    Doctest,
    /// Make the pages of its documentation.
    Doc,
}

/// A build target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Build {
    /// The name in the manifest; of libraries the crate's name, which has `_` for `-`.
    pub name: String,
    /// The crate root, relative to the package.
    pub root: String,
    /// The edition.
    pub edition: String,
    /// `--crate-type`.
    pub crate_types: Vec<String>,
    /// Whether tests of it are linked with libtest's harness.
    pub harness: bool,
}

/// Code generation settings. Of a run only what its build script can see is stated.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Profile {
    /// The profile's name.
    pub name: String,
    /// `-C opt-level`.
    pub opt_level: String,
    /// `-C debug-assertions`.
    pub debug_assertions: bool,
    /// `-C overflow-checks`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overflow_checks: Option<bool>,
    /// `-C debuginfo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debuginfo: Option<String>,
    /// `-C split-debuginfo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_debuginfo: Option<String>,
    /// `-C codegen-units`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codegen_units: Option<u32>,
    /// `-C panic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panic: Option<String>,
    /// `-C rpath`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpath: Option<bool>,
    /// `-C strip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strip: Option<String>,
    /// The profile's own rustc flags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rustflags: Vec<String>,
}

/// What a step reads of its package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sources {
    /// Where the package lies while the step runs.
    pub place: String,
    /// Which part of a package of the source tree: `code`, `tests`, `script`, `run`; `all` of
    /// every other package.
    pub part: String,
    /// Files from outside the package, relative to the workspace root.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// What a step takes from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Dependency {
    /// The step that it needs.
    #[serde(flatten)]
    pub on: StepRef,
    /// What it takes.
    #[serde(flatten)]
    pub carries: Carries,
}

/// What an edge carries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "carries", rename_all = "kebab-case")]
pub enum Carries {
    /// A crate (`--extern NAME=`).
    Extern {
        /// The name in the dependent's code.
        name: String,
    },
    /// A library that cannot be linked as a crate.
    Unlinkable,
    /// A build script's program, for its run.
    ScriptProgram,
    /// The results of the package's build script.
    ScriptOutput,
    /// `DEP_<LINKS>_*`.
    Links {
        /// The dependency's `links` key.
        name: String,
    },
    /// A program that an integration test starts.
    BinExe {
        /// The program's name.
        name: String,
    },
}
