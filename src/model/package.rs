//! A package and what of its manifest reaches a command line or an environment.

use std::collections::BTreeMap;
use std::fmt;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use super::source::Source;

/// The name of a package in a plan: `regex-1.11.1`, unique in the plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PackageKey(String);

impl PackageKey {
    /// Wraps a name that the planner made unique.
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

impl fmt::Display for PackageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The manifest fields behind `CARGO_PKG_*`; empty where the manifest has none.
///
/// Source: `MetadataEnvs` of Cargo 1.95.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct About {
    /// `CARGO_PKG_AUTHORS`, joined with `:` there.
    pub authors: Vec<String>,
    /// `CARGO_PKG_DESCRIPTION`.
    pub description: String,
    /// `CARGO_PKG_HOMEPAGE`.
    pub homepage: String,
    /// `CARGO_PKG_LICENSE`.
    pub license: String,
    /// `CARGO_PKG_LICENSE_FILE`.
    pub license_file: String,
    /// `CARGO_PKG_README`.
    pub readme: String,
    /// `CARGO_PKG_REPOSITORY`.
    pub repository: String,
    /// `CARGO_PKG_RUST_VERSION`.
    pub rust_version: String,
}

/// The edition that a plan does not state.
pub const USUAL_EDITION: &str = "2021";

/// A package of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Package {
    /// The name in Cargo.toml.
    pub name: String,
    /// The version in Cargo.toml.
    pub version: semver::Version,
    /// Where its files come from.
    pub source: Source,
    /// What becomes `CARGO_PKG_*`.
    pub about: About,
    /// The `links` key.
    pub links: Option<String>,
    /// Every feature the manifest declares, implicit ones too, sorted: for `--check-cfg`.
    pub declared_features: Vec<String>,
    /// The flags of `[lints]`, in rustc's spelling and Cargo's order.
    pub lint_flags: Vec<String>,
    /// Whether rustc runs in the workspace root with a relative crate root (Cargo's `path_args`:
    /// path packages below the root), and not in the package's own directory.
    pub in_workspace: bool,
    /// Whether `-l` of its build script goes to its library only (it has one).
    pub has_lib: bool,
    /// The names of its bins.
    pub bins: Vec<String>,
    /// What its build script may name link arguments for: `bin NAME`, `cdylib`, `test`, `bench`, `example`;
    /// empty for a package without a build script.
    pub script_targets: Vec<String>,
    /// `default-run`: the program that `cargo run` means.
    pub default_run: Option<String>,
    /// For path packages: what its steps may read, relative to the workspace root.
    pub files: Option<PackageFiles>,
}

/// What the steps of a path package see beside or without the default (`docs/files.md`).
///
/// All paths are relative to the workspace root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PackageFiles {
    /// Nested packages: its compile steps do not see them.
    pub without: Vec<Utf8PathBuf>,
    /// What its code reads among what compile steps do not see, or from outside the package.
    pub also: Vec<Utf8PathBuf>,
    /// The same of its tests, benchmarks and examples.
    pub tests_also: Vec<Utf8PathBuf>,
    /// The sources of its build script, and what is included there.
    pub script: Vec<Utf8PathBuf>,
    /// What the run of its build script sees of the package.
    pub run: RunView,
    /// What that run reads from outside it, or against it.
    pub script_also: Vec<Utf8PathBuf>,
    /// By the place where a step sees it: what lies somewhere else, because a link leads there.
    pub links: BTreeMap<Utf8PathBuf, Utf8PathBuf>,
}

/// What the run of a build script sees of its own package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunView {
    /// All that lies in the package's directory, other packages too.
    #[default]
    Directory,
    /// The same without nested packages: the script opens files, but lists no directory.
    Package,
    /// The manifest and these, because the script opens no file, or config.toml says so.
    Only(Vec<Utf8PathBuf>),
}

/// What git ignores in the source tree: what an earlier build left there, which no step may see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ignored {
    /// Where the workspace root lies in the repository.
    pub prefix: Utf8PathBuf,
    /// Regular expressions of paths from the repository's top, a directory's with `/` at its end;
    /// the last that fits counts, and `!` before one means that it is not ignored.
    pub rules: Vec<String>,
    /// Files that are tracked nevertheless.
    pub kept: Vec<String>,
}
