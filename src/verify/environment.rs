//! The part of a process's environment that Cargo set.

use std::collections::{BTreeMap, BTreeSet};
use std::env;

use serde::{Deserialize, Serialize};

/// Variables by name. Names and values that are no UTF-8 are kept lossily: Cargo sets none.
pub type Variables = BTreeMap<String, String>;

/// The directory that the wrapper and the stub write to. Its presence makes this program one of
/// the two (see [`super::wrapper`]).
pub const RECORD_DIR: &str = "RBN_PLAN_RECORD";

/// Variables that recording itself sets for Cargo.
pub const OURS: [&str; 9] = [
    RECORD_DIR,
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_BUILD_DIR",
    "CARGO_INCREMENTAL",
    "CARGO_TERM_PROGRESS_WHEN",
    "CARGO_TERM_COLOR",
    "TMPDIR",
];

/// By this cargo-clippy hands lint flags to clippy-driver.
pub const CLIPPY_ARGS: &str = "CLIPPY_ARGS";

/// Variables that are not compared.
pub const LEFT_OUT: [&str; 5] =
    ["CARGO_MAKEFLAGS", "DYLD_FALLBACK_LIBRARY_PATH", "LD_LIBRARY_PATH", "MAKEFLAGS", "MFLAGS"];

/// Whether two environments are one, but for what is not compared.
#[must_use]
pub fn are_same(left: &Variables, right: &Variables) -> bool {
    let kept = |(name, _): &(&String, &String)| !LEFT_OUT.contains(&name.as_str());
    left.iter().filter(kept).eq(right.iter().filter(kept))
}

/// Variables that Cargo always gives to a build script, whatever was there before: a user's own
/// `TARGET=..` that happens to have the same value must not hide them.
const ALWAYS_FOR_SCRIPTS: [&str; 11] = [
    "CARGO",
    "CARGO_ENCODED_RUSTFLAGS",
    "DEBUG",
    "HOST",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC",
    "RUSTDOC",
    "TARGET",
];

/// Variables that only a Cargo above us can have set (`cargo run`, `cargo test`): taken out before
/// Cargo is started, so that they are recorded when it sets them itself.
pub fn is_from_an_outer_cargo(name: &str) -> bool {
    const NAMES: [&str; 7] = [
        "CARGO",
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_MAKEFLAGS",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_TMPDIR",
        "OUT_DIR",
    ];
    const PREFIXES: [&str; 5] =
        ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_EXE_", "CARGO_FEATURE_", "CARGO_CFG_"];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Which process an environment belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// A rustc run.
    Rustc,
    /// A build-script run.
    Script,
}

/// Variables to put right for a build script: the value that a plain build would have had in the
/// place of one of [`OURS`], `None` for none.
pub type Restore = BTreeMap<String, Option<String>>;

/// The environment that Cargo itself had: the one it was started with, what a toolchain proxy, if `cargo`
/// is one, added on the way, and what Cargo sets for its own connections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Baseline(pub Variables);

/// What Cargo made of the environment for one process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Variables that Cargo set, or set to something else.
    pub set: Variables,
    /// Variables that Cargo took away.
    pub unset: BTreeSet<String>,
}

/// Variables that rustup's proxies set for the program behind them, those by which a Cargo with an OpenSSL of
/// its own (rustup's, 1.95) tells that, before anything else, where the machine's certificates are, and those
/// of cargo-clippy. All reach all that Cargo starts, and are no part of what it makes of a unit.
fn is_set_on_the_way(name: &str) -> bool {
    const NAMES: [&str; 5] =
        ["CARGO_HOME", "PATH", "RUST_RECURSION_COUNT", "SSL_CERT_DIR", "SSL_CERT_FILE"];
    name.starts_with("RUSTUP_") || name.starts_with("CLIPPY_") || NAMES.contains(&name)
}

impl Baseline {
    /// From what Cargo was started with and the environment of its first question to rustc
    /// (`-vV`). That one alone would not do: it has the `[env]` table of the configuration in it.
    pub fn new(given: Variables, asked: Variables) -> Self {
        let mut all = given;
        all.extend(asked.into_iter().filter(|(name, _)| is_set_on_the_way(name)));
        Self(all)
    }

    /// What the environment `now` of a process has that Cargo's own did not have. What
    /// recording itself needs is left out.
    pub fn change(&self, process: Process, now: &Variables) -> Change {
        let is_ours = |name: &str| OURS.contains(&name);
        let set = now
            .iter()
            .filter(|(name, value)| {
                let always =
                    process == Process::Script && ALWAYS_FOR_SCRIPTS.contains(&name.as_str());
                !is_ours(name) && (always || self.0.get(*name) != Some(value))
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let unset = self
            .0
            .keys()
            .filter(|name| !is_ours(name) && !now.contains_key(*name))
            .cloned()
            .collect();
        Change { set, unset }
    }
}

/// The environment of this process without what a Cargo above it added.
pub fn given() -> Variables {
    let mut variables = current();
    variables.retain(|name, _| !is_from_an_outer_cargo(name));
    variables
}

/// The environment of this process.
pub fn current() -> Variables {
    env::vars_os()
        .map(|(name, value)| {
            (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
        })
        .collect()
}
