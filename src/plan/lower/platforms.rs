//! What holds for all steps of a platform.

use std::collections::BTreeMap;

use crate::cargo::Workspace;
use crate::cargo::probe::PlatformProbe;
use crate::model::Platform;
use crate::model::plan::PlatformFacts;
use crate::plan::sandbox_paths;

pub(super) fn platforms(workspace: &Workspace, depth: usize) -> BTreeMap<Platform, PlatformFacts> {
    let settings = &workspace.settings;
    let facts = |(platform, probe): (&Platform, &PlatformProbe)| {
        let (rustflags, linker) = match platform {
            Platform::Host => (Vec::new(), settings.host_linker.clone()),
            Platform::Target(triple) => (
                settings.rustflags.get(triple).cloned().unwrap_or_default(),
                settings.linkers.get(triple).cloned(),
            ),
        };
        let rustflags = rustflags.iter().map(|flag| without_root(workspace, depth, flag)).collect();
        let linker = linker.map(|linker| without_root(workspace, depth, &linker));
        (
            platform.clone(),
            PlatformFacts {
                rustflags,
                linker,
                runner: Vec::new(),
                files: probe.files.clone(),
                cfg_env: probe.cfg_env(),
            },
        )
    };
    workspace.probes.iter().map(facts).collect()
}

/// `text` with the workspace's place in the sandbox for its path on this machine.
fn without_root(workspace: &Workspace, depth: usize, text: &str) -> String {
    text.replace(workspace.root.as_str(), sandbox_paths::workspace(depth).as_str())
}

/// The `[env]` table of Cargo's configuration.
pub(super) fn env_table(workspace: &Workspace, depth: usize) -> BTreeMap<String, String> {
    let entries = workspace.settings.env.iter();
    entries.map(|(name, value)| (name.clone(), without_root(workspace, depth, value))).collect()
}
