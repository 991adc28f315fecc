//! What a unit says of itself, in the model's words.

use super::Lowering;
use super::places::Places;
use crate::cargo::unit_graph::{Unit, UnitMode};
use crate::cargo::{files, profile_root};
use crate::model::step::{LinksOverride, ProfileRoot, RunScript};
use crate::model::{BuildTarget, Mode, Package, Platform, Profile, Triple};
use crate::plan::error::PlanError;

impl Lowering<'_> {
    pub(super) fn profile(&self, unit: &Unit) -> Result<Profile, PlanError> {
        let mut profile = unit.profile.parse().map_err(|reason| refuse(unit, reason, None))?;
        let platform = platform(unit).map_err(|reason| refuse(unit, reason, None))?;
        let probe = self.workspace.probes.get(&platform);
        // Cargo passes split-debuginfo only where rustc says that the platform supports it.
        profile.split_debuginfo = profile
            .split_debuginfo
            .filter(|value| probe.is_some_and(|probe| probe.split_debuginfo.contains(value)));
        Ok(profile)
    }

    pub(super) fn run(
        &self,
        platform: &Platform,
        package: &Package,
        profile: &Profile,
    ) -> Result<RunScript, PlanError> {
        let triple = match platform {
            Platform::Host => &self.workspace.rustc.host,
            Platform::Target(triple) => triple,
        };
        let tables = self.workspace.settings.links.get(triple);
        let lines = package.links.as_ref().and_then(|links| tables?.get(links));
        let places = Places { workspace: self.workspace, depth: self.packages.root_depth };
        let replaced = lines.map(|lines| {
            let lines = lines.iter().map(|line| places.everywhere(line));
            Ok(LinksOverride { lines: lines.collect::<Result<_, PlanError>>()? })
        });
        Ok(RunScript {
            replaced: replaced.transpose()?,
            profile_root: self.profile_root(&profile.name),
        })
    }

    /// `PROFILE`: by the built-in profile that the others inherit from.
    fn profile_root(&self, name: &str) -> ProfileRoot {
        match profile_root::of(name, &self.workspace.inherits).last() {
            Some(&"release") => ProfileRoot::Release,
            _ => ProfileRoot::Debug,
        }
    }

    pub(super) fn build_target(&self, unit: &Unit) -> Result<BuildTarget, PlanError> {
        let raw = self.packages.raw[unit.pkg_id.as_str()];
        let dir = raw.manifest_path.parent().unwrap_or(&raw.manifest_path);
        let kind = unit.kind().map_err(|error| refuse(unit, error.to_string(), None))?;
        let source = camino::Utf8Path::new(&unit.target.src_path);
        let facts = self.workspace.manifests.get(&raw.manifest_path);
        let manifest = facts.and_then(|facts| facts.manifest.as_ref());
        Ok(BuildTarget {
            kind,
            crate_types: unit.target.crate_types.clone(),
            name: unit.target.name.clone(),
            // `/dev/null` is the same on every machine, the way to it is not.
            root: match source.starts_with("/dev") && !dir.starts_with("/dev") {
                true => source.to_owned(),
                false => files::relative(dir, source),
            },
            edition: unit.target.edition.clone(),
            harness: manifest.is_none_or(|manifest| manifest.harness(kind, &unit.target.name)),
        })
    }
}

pub(super) fn refuse(unit: &Unit, reason: String, help: Option<&str>) -> PlanError {
    PlanError::Unit { unit: unit.describe(), reason, help: help.map(str::to_owned) }
}

pub(super) fn platform(unit: &Unit) -> Result<Platform, String> {
    match &unit.platform {
        None => Ok(Platform::Host),
        Some(triple) => {
            Triple::new(triple.clone()).map(Platform::Target).map_err(|error| error.to_string())
        }
    }
}

pub(super) fn mode(unit: &Unit, tests: bool) -> Result<Mode, PlanError> {
    match unit.mode {
        UnitMode::Check if tests => Ok(Mode::CheckTest),
        UnitMode::Build => Ok(Mode::Build),
        UnitMode::Test => Ok(Mode::Test),
        UnitMode::Check => Ok(Mode::Check),
        UnitMode::Doctest => Ok(Mode::Doctest),
        UnitMode::Doc => Ok(Mode::Doc),
        UnitMode::RunCustomBuild | UnitMode::Docscrape => Err(refuse(
            unit,
            format!("its mode {:?} is not planned yet", unit.mode),
            Some("plan `build` or `check` units"),
        )),
    }
}
