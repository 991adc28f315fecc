//! The standard library.
//!
//! Source: `std_cargo`, `std_features` and `std_crates_for_run_make` of x.py 1.96.

use super::{Kind, Mode};
use crate::bootstrap::settings::Settings;
use crate::model::Triple;

/// The packages that x.py names: those of the alias `library`.
const PACKAGES: [&str; 12] = [
    "alloc",
    "compiler_builtins",
    "core",
    "panic_abort",
    "panic_unwind",
    "proc_macro",
    "rustc-std-workspace-core",
    "std",
    "std_detect",
    "sysroot",
    "test",
    "unwind",
];

pub(super) fn mode(settings: &Settings, target: &Triple) -> Mode {
    let mut features = settings.std_features.clone();
    if settings.code.backtrace {
        features.push("backtrace".to_owned());
    }
    if settings.target(target).profiler.is_some() {
        features.push("profiler".to_owned());
    }
    features.sort();
    features.dedup();
    if settings.target(target).builtins.is_some() {
        features.push("compiler-builtins-c".to_owned());
    }
    Mode {
        plan: "library".to_owned(),
        kind: Kind::Std,
        manifest: "library/sysroot/Cargo.toml".into(),
        packages: PACKAGES.map(str::to_owned).into(),
        features,
        profile: "dist".to_owned(),
        in_tree: true,
        allowed: None,
        static_std: "",
    }
}
