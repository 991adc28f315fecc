//! What a package is called where processes are compared.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::environment::Variables;

/// Name and version of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PackageName {
    /// `CARGO_PKG_NAME`.
    pub name: String,
    /// `CARGO_PKG_VERSION`.
    pub version: String,
}

impl PackageName {
    pub(super) fn from_env(env: &Variables) -> Self {
        let get = |name| env.get(name).cloned().unwrap_or_default();
        Self { name: get("CARGO_PKG_NAME"), version: get("CARGO_PKG_VERSION") }
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.name, self.version)
    }
}
