//! One derivation: compile a unit, or run a build script.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::additions::Additions;
use super::build_target::BuildTarget;
use super::package::PackageKey;
use super::platform::Platform;
use super::profile::Profile;

/// The name of a step in its platform's group, made of meaning: `regex-1.11.1`,
/// `anyhow-1.0.87:build-script`, `anyhow-1.0.87:run`, `ripgrep-14.1.1:bin:rg`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepName(String);

impl StepName {
    /// Wraps a name that the planner made unique in its group.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What rustc is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Compile and link.
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

impl Mode {
    /// Whether `#[cfg(test)]` code is in.
    #[must_use]
    pub fn is_test(self) -> bool {
        matches!(self, Self::Test | Self::CheckTest | Self::Doctest)
    }

    /// Whether no code is generated.
    #[must_use]
    pub fn is_check(self) -> bool {
        matches!(self, Self::Check | Self::CheckTest)
    }

    /// Whether it is a check alone: rustdoc's work, which leaves nothing for other steps.
    #[must_use]
    pub fn is_rustdoc(self) -> bool {
        matches!(self, Self::Doctest | Self::Doc)
    }
}

/// How a unit takes part in LTO; see `plan::lto`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitLto {
    /// LTO runs here: `-C lto` or `-C lto=thin`.
    Run(Option<String>),
    /// `-C lto=off -C embed-bitcode=no`.
    Off,
    /// `-C linker-plugin-lto`.
    OnlyBitcode,
    /// No flag: objects and bitcode, rustc's default.
    ObjectAndBitcode,
    /// `-C embed-bitcode=no`.
    OnlyObject,
}

impl UnitLto {
    /// The word of plans and documents; empty for the usual part.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::OnlyObject => String::new(),
            Self::Run(None) => "run".to_owned(),
            Self::Run(Some(kind)) => format!("run-{kind}"),
            Self::Off => "off".to_owned(),
            Self::OnlyBitcode => "bitcode".to_owned(),
            Self::ObjectAndBitcode => "object-and-bitcode".to_owned(),
        }
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "" => Self::OnlyObject,
            "run" => Self::Run(None),
            "off" => Self::Off,
            "bitcode" => Self::OnlyBitcode,
            "object-and-bitcode" => Self::ObjectAndBitcode,
            _ => Self::Run(Some(word.strip_prefix("run-")?.to_owned())),
        })
    }
}

/// A rustc run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Compile {
    /// What is compiled.
    pub target: BuildTarget,
    /// What rustc is asked for.
    pub mode: Mode,
    /// Its part in LTO.
    pub lto: UnitLto,
    /// Whether Cargo sets `CARGO_PRIMARY_PACKAGE` (the package was selected).
    pub primary: bool,
}

/// The result of a build script that Cargo's configuration gives instead of running it
/// (`[target.<triple>.<links>]`), as `cargo:` lines would have said it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LinksOverride {
    /// The equivalent output of a build script, one directive a line.
    pub lines: Vec<String>,
}

/// The run of a build script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunScript {
    /// Set where the configuration takes the script's place.
    pub replaced: Option<LinksOverride>,
    /// `PROFILE`: `debug` or `release`, by the profile's root.
    pub profile_root: ProfileRoot,
}

/// `PROFILE` of a build script: the built-in profile that a profile descends from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProfileRoot {
    /// Descends from `dev`.
    Debug,
    /// Descends from `release`.
    Release,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum StepKind {
    /// Run rustc.
    Compile(Compile),
    /// Run a build script.
    RunScript(RunScript),
}

/// A step: a node of the plan's graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// Unique in its platform's group.
    pub name: StepName,
    /// Where its output runs.
    pub platform: Platform,
    /// Its package.
    pub package: PackageKey,
    /// Enabled features, sorted.
    pub features: Vec<String>,
    /// Its code generation settings (of a run: those its package's library has, as Cargo says it).
    pub profile: Profile,
    /// What it does.
    pub kind: StepKind,
    /// 16 hexadecimal digits: `-C metadata` and `-C extra-filename`; see `plan::identity`.
    pub id: String,
    /// What config.toml adds to it.
    pub additions: Additions,
}

impl Step {
    /// The compile facts, if this step runs rustc.
    #[must_use]
    pub fn compile(&self) -> Option<&Compile> {
        match &self.kind {
            StepKind::Compile(compile) => Some(compile),
            StepKind::RunScript(_) => None,
        }
    }

    /// The run facts, if this step runs a build script.
    #[must_use]
    pub fn run(&self) -> Option<&RunScript> {
        match &self.kind {
            StepKind::RunScript(run) => Some(run),
            StepKind::Compile(_) => None,
        }
    }
}
