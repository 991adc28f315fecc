//! What Cargo calls a target of a package: a lib, a bin, a test, ... The builder knows the same words; its
//! rules hold for both.

use camino::Utf8PathBuf;
use rbn_builder::target;
use serde::{Deserialize, Serialize};

/// The kind of a build target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetKind {
    /// A library, whatever its crate types (`proc-macro` has a kind of its own).
    Lib,
    /// A procedural macro.
    ProcMacro,
    /// An executable.
    Bin,
    /// An example: an executable, or a library if its manifest entry says so.
    Example,
    /// An integration test.
    Test,
    /// A benchmark.
    Bench,
    /// A build script.
    CustomBuild,
}

impl TargetKind {
    /// The crate root where a plan states none.
    #[must_use]
    pub fn usual_root(self) -> &'static str {
        target::Kind::from(self).usual_root()
    }

    /// The crate type where a plan states none.
    #[must_use]
    pub fn usual_type(self) -> CrateType {
        match target::Kind::from(self).usual_type() {
            target::CrateType::Lib => CrateType::Lib,
            target::CrateType::ProcMacro => CrateType::ProcMacro,
            _ => CrateType::Bin,
        }
    }
}

impl From<TargetKind> for target::Kind {
    fn from(kind: TargetKind) -> Self {
        match kind {
            TargetKind::Lib => Self::Lib,
            TargetKind::ProcMacro => Self::ProcMacro,
            TargetKind::Bin => Self::Bin,
            TargetKind::Example => Self::Example,
            TargetKind::Test => Self::Test,
            TargetKind::Bench => Self::Bench,
            TargetKind::CustomBuild => Self::CustomBuild,
        }
    }
}

/// What rustc makes of a crate (`--crate-type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrateType {
    /// An executable.
    Bin,
    /// rustc's preferred library kind, today an rlib.
    Lib,
    /// A Rust static library.
    Rlib,
    /// A Rust dynamic library.
    Dylib,
    /// A C dynamic library.
    Cdylib,
    /// A C static library.
    Staticlib,
    /// A compiler plugin that runs on the build machine.
    ProcMacro,
}

impl CrateType {
    const ALL: [Self; 7] = [
        Self::Bin,
        Self::Lib,
        Self::Rlib,
        Self::Dylib,
        Self::Cdylib,
        Self::Staticlib,
        Self::ProcMacro,
    ];

    /// The type that rustc spells `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// rustc's spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        target::CrateType::from(self).as_str()
    }

    /// What rustc calls its file on Linux, around `NAME`.
    #[must_use]
    pub fn usual_file(self) -> &'static str {
        target::CrateType::from(self).usual_file()
    }

    /// Whether another crate can be linked against it (`CrateType::is_linkable` of Cargo).
    #[must_use]
    pub fn is_linkable(self) -> bool {
        target::CrateType::from(self).is_linkable()
    }

    /// Whether rustc performs LTO while it makes this (Cargo's `can_lto`).
    #[must_use]
    pub fn can_lto(self) -> bool {
        matches!(self, Self::Bin | Self::Staticlib | Self::Cdylib)
    }

    /// Whether this is a dynamic library (Cargo's `is_dynamic`).
    #[must_use]
    pub fn is_dynamic(self) -> bool {
        matches!(self, Self::Dylib | Self::Cdylib | Self::ProcMacro)
    }
}

impl From<CrateType> for target::CrateType {
    fn from(kind: CrateType) -> Self {
        match kind {
            CrateType::Bin => Self::Bin,
            CrateType::Lib => Self::Lib,
            CrateType::Rlib => Self::Rlib,
            CrateType::Dylib => Self::Dylib,
            CrateType::Cdylib => Self::Cdylib,
            CrateType::Staticlib => Self::Staticlib,
            CrateType::ProcMacro => Self::ProcMacro,
        }
    }
}

/// One build target of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BuildTarget {
    /// The kind.
    pub kind: TargetKind,
    /// All crate types that one rustc run makes, in the manifest's order.
    pub crate_types: Vec<CrateType>,
    /// The name in the manifest (dashes kept).
    pub name: String,
    /// The crate root, relative to the package's directory.
    pub root: Utf8PathBuf,
    /// The edition: `2015`, `2018`, `2021` or `2024`.
    pub edition: String,
    /// Whether a test of it is linked with libtest's harness.
    pub harness: bool,
}

impl BuildTarget {
    /// The name rustc knows it by (`--crate-name`).
    #[must_use]
    pub fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }

    /// Whether it is a library in Cargo's sense: lib or proc macro.
    #[must_use]
    pub fn is_lib(&self) -> bool {
        target::Kind::from(self.kind).is_lib()
    }
}
