//! The compiler.
//!
//! Source: `rustc_cargo` and `rustc_features` of x.py 1.96.

use super::facts::{Kind, Mode};
use crate::bootstrap::settings::Settings;
use crate::model::Triple;

pub(super) fn mode(settings: &Settings, host: &Triple) -> Mode {
    let mut features = Vec::new();
    let mut feature = |name: &str, on: bool| {
        if on {
            features.push(name.to_owned());
        }
    };
    feature("jemalloc", settings.target(host).jemalloc.unwrap_or(settings.code.jemalloc));
    feature("llvm", true);
    feature("rustc_randomized_layouts", settings.code.randomize_layout);
    feature("max_level_info", !settings.code.debug_logging);
    let is_optimised = settings.code.optimize.as_deref() != Some("0");
    Mode {
        plan: "compiler".to_owned(),
        kind: Kind::Rustc,
        manifest: "compiler/rustc/Cargo.toml".into(),
        packages: Vec::new(),
        features,
        profile: if is_optimised { "release" } else { "dev" }.to_owned(),
        in_tree: true,
        allowed: None,
        static_std: if host.as_str().ends_with("-windows-gnu") { "" } else { "rustc_driver" },
        installs: &[],
    }
}
