//! A package in a document.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// The name in Cargo.toml.
    pub name: String,
    /// The version in Cargo.toml.
    pub version: String,
    /// Where its files come from.
    pub source: Origin,
    /// The `links` key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<String>,
    /// What becomes `CARGO_PKG_*`.
    #[serde(flatten)]
    pub about: About,
    /// Every feature that the manifest declares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared_features: Vec<String>,
    /// `[lints]`, as flags of rustc.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lints: Vec<String>,
    /// Whether rustc runs in the workspace root.
    pub in_workspace: bool,
    /// Whether it has a library.
    pub has_lib: bool,
    /// What its build script may name link arguments for: `bin NAME`, `cdylib`, `test`, `bench`, `example`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub script_targets: Vec<String>,
    /// `default-run`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_run: Option<String>,
    /// For packages of the source tree: what its steps read beside or without the default.
    #[serde(default, skip_serializing_if = "Files::is_empty")]
    pub files: Files,
}

/// Manifest fields behind `CARGO_PKG_*`; left out where the manifest has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "each is the manifest's field of that name")]
pub struct About {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub homepage: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub license: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub license_file: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub readme: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub repository: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rust_version: String,
}

/// Where a package's files come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Origin {
    /// A `.crate` file of a registry.
    Registry {
        /// `crates-io`, or the name in Cargo's configuration.
        registry: String,
        /// The file's SHA-256, hexadecimal.
        sha256: String,
    },
    /// A commit of a git repository.
    Git {
        /// The repository.
        url: String,
        /// The commit, 40 hexadecimal digits.
        rev: String,
        /// A ref that leads to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
        /// The package's directory in the repository.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        dir: String,
    },
    /// A directory of the source tree.
    Path {
        /// Relative to the workspace root.
        dir: String,
    },
    /// A vendored package.
    Vendor {
        /// Relative to the workspace root.
        dir: String,
    },
}

/// Paths relative to the workspace root.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Files {
    /// Nested packages, which its compile steps do not see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Sources of its build script.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub script: Vec<String>,
    /// What its code reads from elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// What its tests, benchmarks and examples read from elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests_also: Vec<String>,
    /// What the run of its build script sees of the package.
    #[serde(default, skip_serializing_if = "RunSees::is_all")]
    pub run_sees: RunSees,
    /// What its build script reads from elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub script_also: Vec<String>,
    /// By the place where a step sees it: what lies somewhere else, because a link leads there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<String, String>,
}

/// What the run of a build script sees of its package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunSees {
    /// All that lies in its directory.
    #[default]
    Directory,
    /// The same without nested packages.
    Package,
    /// The manifest and these.
    Only(Vec<String>),
}

impl RunSees {
    fn is_all(&self) -> bool {
        *self == Self::Directory
    }
}

/// What git ignores in the source tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ignored {
    /// Where the workspace root lies in the repository.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Regular expressions of paths from the repository's top; the last that fits counts.
    pub rules: Vec<String>,
    /// Files that are tracked nevertheless.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
}

impl Files {
    /// Whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
