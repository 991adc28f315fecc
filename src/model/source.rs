//! Where a package's files come from.

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

/// The name of the registry that Cargo uses by default.
pub const DEFAULT_REGISTRY: &str = "crates-io";

/// The origin of a package's files, without any path or host of the planning machine.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Source {
    /// A `.crate` file of a registry, by its checksum in Cargo.lock.
    Registry {
        /// `crates-io`, or the name that `[registries]` in Cargo's configuration gives the index.
        registry: String,
        /// SHA-256 of the `.crate` file, 64 hexadecimal digits.
        sha256: String,
    },
    /// A git repository at a locked commit.
    Git {
        /// The repository's URL as Cargo.lock has it, without query and fragment.
        url: String,
        /// The locked commit, 40 hexadecimal digits.
        rev: String,
        /// The branch or tag of the manifest, as a ref to fetch (`refs/heads/x`), where there is one.
        reference: Option<String>,
        /// Whether the repository has submodules, which are fetched with it.
        submodules: bool,
        /// The package's directory inside the repository; empty for its root.
        subdir: Utf8PathBuf,
    },
    /// A directory of the source tree.
    Path {
        /// Relative to the workspace root, `..` components first where it lies outside; empty for the root.
        dir: Utf8PathBuf,
    },
    /// A package of a registry or git repository, taken from a vendor directory.
    Vendor {
        /// Relative to the workspace root.
        dir: Utf8PathBuf,
    },
}

impl Source {
    /// Whether lints are shown for the package: Cargo calls path packages local, vendored ones not.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(self, Self::Path { .. })
    }

    /// The path-free text that enters a unit's identity.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            Self::Registry { registry, .. } => registry.clone(),
            Self::Git { url, rev, .. } => format!("git:{url}#{rev}"),
            Self::Path { dir } => format!("path:{dir}"),
            Self::Vendor { .. } => "vendor".to_owned(),
        }
    }
}
