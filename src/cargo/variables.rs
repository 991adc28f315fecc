//! Cargo's settings that stand in the environment.
//!
//! Cargo honours them, so a plan does too. But a plan is committed, and the environment is not: who
//! plans should know which variables take part. Source: "Environment variables Cargo reads" and
//! "Configuration" of the Cargo book.
//!
//! A name may be one too many: where Cargo's files set rustflags for every target,
//! `CARGO_BUILD_RUSTFLAGS` has no part, and is named all the same.

use std::collections::BTreeMap;

use super::profile_root;
use crate::model::Triple;

/// What of a profile reaches a command line; `incremental` is always off.
const PROFILE_KEYS: [&str; 11] = [
    "CODEGEN_UNITS",
    "DEBUG",
    "DEBUG_ASSERTIONS",
    "INHERITS",
    "LTO",
    "OPT_LEVEL",
    "OVERFLOW_CHECKS",
    "PANIC",
    "RPATH",
    "SPLIT_DEBUGINFO",
    "STRIP",
];

/// What is planned, as far as variables are named after it.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    /// The build machine.
    pub host: &'a Triple,
    /// The targets.
    pub targets: &'a [Triple],
    /// Whether the targets were left to Cargo's configuration.
    pub targets_left: bool,
    /// The profile.
    pub profile: &'a str,
    /// `inherits` of every custom profile.
    pub inherits: &'a BTreeMap<String, String>,
}

/// The variables that take part in a plan, by name, of those that `is_set` knows.
#[must_use]
pub fn taking_part(planned: &Planned<'_>, is_set: impl Fn(&str) -> bool) -> Vec<String> {
    let mut names = Vec::new();
    if planned.targets_left {
        names.push("CARGO_BUILD_TARGET".to_owned());
    }
    names.push("RUSTC_BOOTSTRAP".to_owned());
    let table = |triple: &Triple, key: &str| format!("CARGO_TARGET_{}_{key}", triple.env_upper());
    names.extend(planned.targets.iter().chain([planned.host]).map(|t| table(t, "LINKER")));
    // The first of these that is set hides those after it.
    names.extend(match ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"].into_iter().find(|n| is_set(n)) {
        Some(name) => vec![name.to_owned()],
        None => {
            let mut own: Vec<_> = planned.targets.iter().map(|t| table(t, "RUSTFLAGS")).collect();
            if !own.iter().all(|name| is_set(name)) {
                own.push("CARGO_BUILD_RUSTFLAGS".to_owned());
            }
            own
        }
    });
    for profile in profile_root::of(planned.profile, planned.inherits) {
        let profile = format!("CARGO_PROFILE_{}", profile.to_uppercase().replace('-', "_"));
        for key in PROFILE_KEYS {
            names.push(format!("{profile}_{key}"));
            names.push(format!("{profile}_BUILD_OVERRIDE_{key}"));
        }
    }
    names.retain(|name| is_set(name));
    names.sort();
    names.dedup();
    names
}
