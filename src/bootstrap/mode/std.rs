//! The standard library.
//!
//! Source: `std_cargo` and `std_features` of x.py 1.96.

use super::facts::{Kind, Mode};
use crate::bootstrap::settings::Settings;
use crate::model::Triple;

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
        // As x.py makes the library that a compiler needs. Where a path is named (`x build library`), it names
        // twelve packages, which are the same units, told that they were.
        packages: Vec::new(),
        features,
        profile: "dist".to_owned(),
        in_tree: true,
        allowed: None,
        static_std: "",
        installs: &[],
    }
}
