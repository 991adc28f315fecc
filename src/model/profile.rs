//! Code generation settings of a unit, after Cargo applied overrides.

use serde::{Deserialize, Serialize};

/// The LTO setting of a profile (what the manifest says, not yet what a unit gets).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lto {
    /// `lto = false`: thin-local only, no flag at all.
    No,
    /// `lto = "off"`.
    Off,
    /// `lto = true`.
    Yes,
    /// `lto = "thin"` or `"fat"`.
    Named(String),
}

/// The panic strategy of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Panic {
    /// Unwind the stack (rustc's default, no flag).
    Unwind,
    /// Abort the process.
    Abort,
    /// Abort without a message (unstable).
    ImmediateAbort,
}

/// Code generation settings of one unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Profile {
    /// The profile's name: `dev`, `release` or a custom one.
    pub name: String,
    /// `-C opt-level`: `0` to `3`, `s` or `z`.
    pub opt_level: String,
    /// LTO as the profile asks for it.
    pub lto: Lto,
    /// `-C codegen-units`, where set.
    pub codegen_units: Option<u32>,
    /// `-C debuginfo`, rustc's spelling; `0` for none.
    pub debuginfo: String,
    /// `-C split-debuginfo`, where set and supported by the platform.
    pub split_debuginfo: Option<String>,
    /// `-C debug-assertions`.
    pub debug_assertions: bool,
    /// `-C overflow-checks`.
    pub overflow_checks: bool,
    /// `-C rpath`.
    pub rpath: bool,
    /// `-C panic`.
    pub panic: Panic,
    /// `-C strip`, where not `none`.
    pub strip: Option<String>,
    /// `profile.*.rustflags` (unstable in Cargo).
    pub rustflags: Vec<String>,
}
