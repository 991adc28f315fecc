//! Identities of units: what `-C metadata` and `-C extra-filename` are made of.
//!
//! Cargo hashes the package id, which holds a path for local packages; ours holds none, so that
//! two checkouts, machines and home directories give the same identity. rustflags are not
//! counted, as in Cargo's `-C metadata`: they do not tell two units of one plan apart.

use crate::profile::Profile;
use crate::sha256;

/// The facts that make a unit's identity.
#[derive(Debug)]
pub struct Unit<'a> {
    /// The package's name.
    pub name: &'a str,
    /// The package's version.
    pub version: &'a str,
    /// The package's [`identity`](crate::package::Package::identity).
    pub origin: &'a str,
    /// The name of the step after its package, which tells kind, build target and mode.
    pub suffix: &'a str,
    /// The step's group.
    pub group: &'a str,
    /// Features that are on.
    pub features: &'a [String],
    /// Code generation.
    pub profile: &'a Profile,
    /// The identities of the crates that it links, in any order.
    pub dependencies: Vec<&'a str>,
}

impl Unit<'_> {
    /// 16 hexadecimal digits.
    #[must_use]
    pub fn identity(mut self) -> String {
        self.dependencies.sort_unstable();
        let text = [
            self.name,
            self.version,
            self.origin,
            self.suffix,
            self.group,
            &self.features.join(" "),
            &self.profile.args().join(" "),
            &self.dependencies.join(" "),
        ]
        .join("\n");
        let mut digest = sha256::hex(text.as_bytes());
        digest.truncate(16);
        digest
    }
}
