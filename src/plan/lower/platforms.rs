//! What holds for all steps of a platform.

use std::collections::BTreeMap;

use super::places::Places;
use crate::cargo::Workspace;
use crate::model::Platform;
use crate::model::plan::PlatformFacts;
use crate::plan::error::PlanError;

pub(super) fn platforms(
    workspace: &Workspace,
    places: &Places<'_>,
) -> Result<BTreeMap<Platform, PlatformFacts>, PlanError> {
    let settings = &workspace.settings;
    let mut platforms = BTreeMap::new();
    for (platform, probe) in &workspace.probes {
        let (rustflags, linker) = match platform {
            Platform::Host => (&[][..], settings.host_linker.as_ref()),
            Platform::Target(triple) => (
                settings.rustflags.get(triple).map_or(&[][..], Vec::as_slice),
                settings.linkers.get(triple),
            ),
        };
        let rustflags = rustflags.iter().map(|flag| places.everywhere(flag));
        let facts = PlatformFacts {
            rustflags: rustflags.collect::<Result<_, _>>()?,
            linker: linker.map(|linker| places.everywhere(linker)).transpose()?,
            runner: Vec::new(),
            files: probe.files.clone(),
            cfg_env: probe.cfg_env(),
        };
        platforms.insert(platform.clone(), facts);
    }
    Ok(platforms)
}

/// The `[env]` table of Cargo's configuration.
pub(super) fn env_table(
    workspace: &Workspace,
    places: &Places<'_>,
) -> Result<BTreeMap<String, String>, PlanError> {
    let entries = workspace.settings.env.iter();
    entries.map(|(name, value)| Ok((name.clone(), places.everywhere(value)?))).collect()
}
