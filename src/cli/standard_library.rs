//! What a plan cannot tell of itself: whether the compiler at hand could build its targets.
//!
//! Planning needs no standard library, and a plan may be built elsewhere. So this is a warning,
//! and only where it is certain: the plan is for this machine, too, and its own toolchain builds it.

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::cargo::Workspace;
use crate::cargo::probe::{Rustc, is_standard_library};
use crate::config::{Config, Toolchain};
use crate::model::{Platform, Triple};

/// Says on stderr which platforms of `workspaces` the toolchain of this machine cannot build for.
pub fn warn(workspaces: &[Workspace], config: &Config) {
    if !matches!(config.toolchain.value, Toolchain::Host) {
        return;
    }
    let mut missing: BTreeMap<&Triple, (&Rustc, &Utf8Path)> = BTreeMap::new();
    for workspace in workspaces {
        for (platform, probe) in &workspace.probes {
            let triple = match platform {
                Platform::Host => &workspace.rustc.host,
                Platform::Target(triple) => triple,
            };
            if let Some(dir) = probe.library.as_deref().filter(|dir| !is_standard_library(dir)) {
                missing.insert(triple, (&workspace.rustc, dir));
            }
        }
    }
    for (triple, (rustc, library)) in missing {
        eprintln!(
            "warning: the toolchain of this machine, {version}, has no standard library for {triple} (there is none in {library})\n  \
             the plan is complete, but steps for {triple} cannot be built here\n  \
             help: `rustup target add {triple}`, or the package of your distribution, then `rbn-plan toolchain host`;\n        \
             or drop the target; or say in config.toml what else builds it: [toolchain] provider",
            version = rustc.verbose_version.lines().next().unwrap_or("rustc"),
        );
    }
}
