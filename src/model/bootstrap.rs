//! What rustc's own build adds to a plan: by mode, and little of it by stage.
//!
//! One plan serves all stages: what a stage changes follows from its number here, and in
//! `templates/lib/bootstrap.nix`, where Nix wires the stages. A test holds that both say the same.

/// A plan's part in rustc's own build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bootstrap {
    /// The mode's name: `rustc`, `std`, `tool-target`.
    pub mode: String,
    /// The stage of the compiler that builds the steps, which the plan's document shows; Nix is told its own.
    pub built_by: u32,
    /// The tree's version: `1.96.0`.
    pub version: String,
    /// The channel: `dev`, `nightly`, `beta`, `stable`.
    pub channel: String,
    /// What keeps the mode's crates from others': `std`, `tool-rustc`, or nothing.
    pub kin: String,
    /// Whether host steps are built by the first compiler, whatever builds the others.
    pub first_compiler_on_host: bool,
    /// Libraries leave their metadata in a file of its own alone.
    pub split: bool,
    /// Metadata stays beside the libraries.
    pub keep: bool,
    /// The crate that links the standard library statically.
    pub static_std: String,
    /// rustflags of targets, before those of each target.
    pub first_flags: Vec<String>,
    /// The same after these, where a compiler of the tree builds, and not the one that it began with.
    pub later_flags: Vec<String>,
    /// The same, after those of each target.
    pub last_flags: Vec<String>,
    /// Behind all other arguments, of steps for targets and of steps on the build machine.
    pub shim: Vec<String>,
    /// Behind them, of steps on the build machine.
    pub host_shim: Vec<String>,
    /// Behind these, of all: whatever else is said, it is the last word.
    pub end: Vec<String>,
    /// Whether code of targets cannot be loaded later, but for macros and the crates of this list.
    pub tls: Option<Vec<String>>,
}

/// Tells code that the first compiler builds it.
const CFG: &str = "--cfg=bootstrap";

/// As libraries that are there from the start.
const TLS: &str = "-Ztls-model=initial-exec";

/// The stage of the compiler that builds a mode first: the compiler itself is built by the one that it begins
/// with, all else by one of the tree.
#[must_use]
pub fn first_built_by(mode: &str) -> u32 {
    u32::from(mode != "rustc")
}

impl Bootstrap {
    /// Whether the compiler that it began with builds the steps.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.built_by == 0
    }

    /// Whether code and build scripts of a platform hear that the first compiler builds: on the build machine
    /// x.py's shim says so, where that compiler is not there for another's lack of a library.
    #[must_use]
    pub fn says_bootstrap(&self, on_host: bool) -> bool {
        self.is_first() && !(on_host && self.first_compiler_on_host)
    }

    /// Cargo's `__CARGO_DEFAULT_LIB_METADATA`.
    #[must_use]
    pub fn metadata(&self) -> String {
        let begin = if self.is_first() { "bootstrap" } else { &self.channel };
        format!("{begin}{}{}", self.kin, self.version)
    }

    /// rustflags of a target, of which `own` are its own.
    #[must_use]
    pub fn rustflags(&self, own: &[String]) -> Vec<String> {
        let mut flags = self.first_flags.clone();
        if !self.is_first() {
            flags.extend(self.later_flags.iter().cloned());
        }
        flags.extend(own.iter().cloned());
        if !self.is_first() {
            flags.extend(self.last_flags.iter().cloned());
        } else {
            flags.push(CFG.to_owned());
        }
        flags
    }

    /// What rustc is told behind all else, for a crate.
    #[must_use]
    pub fn behind(&self, on_host: bool, crate_name: &str, is_macro: bool) -> Vec<String> {
        let mut flags = self.shim.clone();
        if on_host {
            flags.extend(self.host_shim.iter().cloned());
            if self.says_bootstrap(on_host) {
                flags.push(CFG.to_owned());
            }
        } else if let Some(without) = &self.tls
            && !is_macro
            && !without.iter().any(|name| name == crate_name)
        {
            flags.push(TLS.to_owned());
        }
        flags.extend(self.end.iter().cloned());
        flags
    }
}

#[cfg(test)]
mod tests {
    use super::{Bootstrap, first_built_by};

    #[test]
    fn the_build_machine_hears_of_the_first_compiler_where_it_builds_all() {
        let compiler = Bootstrap::default();
        assert!(compiler.says_bootstrap(true) && compiler.says_bootstrap(false));
        let library = Bootstrap { first_compiler_on_host: true, ..Bootstrap::default() };
        assert!(!library.says_bootstrap(true) && library.says_bootstrap(false));
        let later = Bootstrap { built_by: 1, ..Bootstrap::default() };
        assert!(!later.says_bootstrap(true) && !later.says_bootstrap(false));
    }

    #[test]
    fn the_first_compiler_builds_the_compiler_only() {
        assert_eq!(["rustc", "std", "tool-rustc"].map(first_built_by), [0, 1, 1]);
    }
}
