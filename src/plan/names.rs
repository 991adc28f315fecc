//! Names of steps and packages, made of meaning.

use crate::model::{BuildTarget, Mode, PackageKey, TargetKind};

/// The part of a step's name that follows its package: empty for a library that is built.
#[must_use]
pub fn compile_suffix(target: &BuildTarget, mode: Mode) -> String {
    let name = &target.name;
    let plain = match (target.kind, mode.is_test()) {
        (TargetKind::Lib | TargetKind::ProcMacro, false) => String::new(),
        (TargetKind::Lib | TargetKind::ProcMacro, true) => "lib-test".to_owned(),
        (TargetKind::Bin, false) => format!("bin:{name}"),
        (TargetKind::Bin, true) => format!("bin-test:{name}"),
        (TargetKind::Example, false) => format!("example:{name}"),
        (TargetKind::Example, true) => format!("example-test:{name}"),
        (TargetKind::Test, _) => format!("test:{name}"),
        (TargetKind::Bench, _) => format!("bench:{name}"),
        (TargetKind::CustomBuild, _) => "build-script".to_owned(),
    };
    match (mode.is_check(), plain.is_empty()) {
        (false, true) => String::new(),
        (false, false) => format!(":{plain}"),
        (true, true) => ":check".to_owned(),
        (true, false) => format!(":check:{plain}"),
    }
}

/// The whole name of a step: `key`, then its part.
#[must_use]
pub fn step(key: &PackageKey, suffix: &str) -> String {
    format!("{key}{suffix}")
}

/// The suffix of the run of a build script.
pub const RUN: &str = ":run";

/// A name for one of several that would otherwise be equal: a few digits of an identity.
#[must_use]
pub fn told_apart(name: &str, identity: &str) -> String {
    format!("{name}~{}", identity.get(..6).unwrap_or(identity))
}
