//! What a selection says that config.toml does not: the header of a plan's file has it as flags.

use camino::{Utf8Path, Utf8PathBuf};

use super::SelectArgs;
use super::flags::{each, given};
use crate::config::{self, Build, Environment, Machine, PackageSelection};
use crate::model::Triple;
use crate::nix::System;

/// The flag for another configuration file.
pub(super) const FILE: &str = "--config-file=";

impl SelectArgs {
    /// The flags that make `build` of what config.toml (or `file`) alone says, each selection in one spelling
    /// only. What comes from the environment is among them: the next machine does not have it.
    pub(super) fn given(
        &self,
        root: &Utf8Path,
        file: Option<&Utf8Path>,
        machine: &Machine,
        build: &Build,
    ) -> miette::Result<Vec<String>> {
        let alone = Environment::default();
        let base = config::load(root, file, &alone, &Default::default(), machine)?;
        let base = &base.config.build;
        let mut flags = Vec::new();
        if let Some(file) = file.and_then(|file| below(root, file)) {
            flags.push(format!("{FILE}{file}"));
        }
        flags.extend(self.mode_flag());
        if build.packages.value != base.packages.value {
            match &build.packages.value {
                PackageSelection::Packages(packages) => flags.extend(each("--package", packages)),
                PackageSelection::Workspace => flags.push("--workspace".to_owned()),
                PackageSelection::Default => {}
            }
        }
        flags.extend(self.only_flags());
        if build.features.value != base.features.value {
            let features: Vec<String> =
                build.features.value.iter().map(ToString::to_string).collect();
            flags.push(format!("--features={}", features.join(",")));
        }
        flags.extend(given(&[
            ("--all-features", build.all_features.value && !base.all_features.value),
            (
                "--no-default-features",
                build.no_default_features.value && !base.no_default_features.value,
            ),
        ]));
        if build.profile.value != base.profile.value {
            flags.push(format!("--profile={}", build.profile.value));
        }
        if targets(build) != targets(base) {
            flags.extend(each("--target", targets(build)));
        }
        if systems(build) != systems(base) {
            let mut systems = systems(build).to_vec();
            // Machines in another order are the same machines, but where targets follow them.
            if build.targets.is_set() {
                systems.sort();
            }
            flags.extend(each("--system", &systems));
        }
        flags.extend(self.cargo_flags_from(root));
        Ok(flags)
    }
}

/// The targets, where somebody names them.
fn targets(build: &Build) -> &[Triple] {
    if build.targets.is_set() { &build.targets.value } else { &[] }
}

/// The build machines, where somebody names them.
fn systems(build: &Build) -> &[System] {
    if build.systems.is_set() { &build.systems.value } else { &[] }
}

/// A file's path from the root, for others who have the same tree; nothing for one outside, which
/// they do not have, and for the one that is read anyway.
fn below(root: &Utf8Path, file: &Utf8Path) -> Option<Utf8PathBuf> {
    let (root, file) = (root.canonicalize_utf8().ok()?, file.canonicalize_utf8().ok()?);
    let below = file.strip_prefix(&root).ok()?;
    let usual = config::usual_file(&root).is_some_and(|name| below == name);
    (!usual).then(|| below.to_owned())
}
