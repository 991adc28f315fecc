//! `[build]`: what is built, for which targets, on which machines.

use crate::cargo::Selection;
use crate::model::{Split, Triple, split};
use crate::nix::System;
use crate::text::spelling;

use super::invalid::Invalid;
use super::origin::{Origin, Setting};
use super::problem::{Fault, Problem};
use super::reader::Reader;
use super::scalars::{FeatureName, PackageSpec, ProfileName, argument};

/// The profile where none is named: what Nix builds is for use.
const PROFILE: &str = "release";

/// The machine that plans, where nothing else is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Its name in Nix.
    pub system: System,
    /// rustc's host triple on it.
    pub host: Triple,
}

/// What is built, for which targets, on which machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The build machines that the plan holds; not empty, no one twice.
    pub systems: Setting<Vec<System>>,
    /// The target triples that the plan holds; not empty, no one twice.
    pub targets: Setting<Vec<Triple>>,
    /// Cargo's profile.
    pub profile: Setting<ProfileName>,
    /// Which packages are built.
    pub packages: Setting<PackageSelection>,
    /// The features to switch on, as after `--features`.
    pub features: Setting<Vec<FeatureName>>,
    /// Whether all features are on.
    pub all_features: Setting<bool>,
    /// Whether the `default` feature stays off.
    pub no_default_features: Setting<bool>,
    /// rustc flags for target steps, after those of Cargo's own configuration.
    pub rustflags: Setting<Vec<String>>,
    /// Which libraries have a step of their own for their metadata.
    pub split: Setting<Split>,
}

/// Which packages are built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageSelection {
    /// What Cargo takes without `-p` and `--workspace`.
    Default,
    /// These, as after `-p`; not empty.
    Packages(Vec<PackageSpec>),
    /// Every member.
    Workspace,
}

impl Build {
    /// The selection in Cargo's words. What the configuration does not hold (build targets,
    /// exclusions, `--locked` and its like) is left as by default.
    #[must_use]
    pub fn selection(&self) -> Selection {
        let packages = match &self.packages.value {
            PackageSelection::Packages(packages) => {
                packages.iter().map(ToString::to_string).collect()
            }
            PackageSelection::Default | PackageSelection::Workspace => Vec::new(),
        };
        Selection {
            packages,
            workspace: self.packages.value == PackageSelection::Workspace,
            features: self.features.value.iter().map(ToString::to_string).collect(),
            all_features: self.all_features.value,
            no_default_features: self.no_default_features.value,
            profile: self.profile.value.to_string(),
            // Where nothing is said, Cargo's own `build.target` comes before the machine's triple.
            targets: if self.targets.is_set() || self.systems.is_set() {
                self.targets.value.clone()
            } else {
                Vec::new()
            },
            ..Selection::default()
        }
    }

    pub(super) fn read(reader: &mut Reader, machine: &Machine) -> Self {
        let systems = reader
            .set(&["build", "systems"], 0, system)
            .and_then(|systems| not_empty(reader, &["build", "systems"], systems))
            .unwrap_or_else(|| Setting::default(vec![machine.system]));
        let targets = reader
            .set(&["build", "targets"], 0, triple)
            .and_then(|targets| not_empty(reader, &["build", "targets"], targets))
            .unwrap_or_else(|| Setting::default(native(&systems.value, machine)));
        let flag = |setting: Option<Setting<bool>>| setting.unwrap_or(Setting::default(false));
        Self {
            systems,
            targets,
            profile: reader.text(&["build", "profile"], 0, ProfileName::new).unwrap_or_else(|| {
                Setting::default(ProfileName::new(PROFILE).expect("the default is a name"))
            }),
            packages: packages(reader),
            features: reader
                .texts(&["build", "features"], 0, FeatureName::new)
                .unwrap_or(Setting::default(Vec::new())),
            all_features: flag(reader.boolean(&["build", "all-features"])),
            no_default_features: flag(reader.boolean(&["build", "no-default-features"])),
            rustflags: reader
                .texts(&["build", "rustflags"], 0, argument)
                .unwrap_or(Setting::default(Vec::new())),
            split: reader
                .text(&["build", "split"], 0, |text| one_of(text, &split::WORDS))
                .unwrap_or(Setting::default(Split::Off)),
        }
    }
}

/// The native triple of each system: rustc's own word for this machine, the usual one for others.
fn native(systems: &[System], machine: &Machine) -> Vec<Triple> {
    let of = |system: &System| {
        if *system == machine.system {
            machine.host.clone()
        } else {
            Triple::new(system.triple()).expect("a system's triple is a triple")
        }
    };
    systems.iter().map(of).collect()
}

fn not_empty<T>(
    reader: &mut Reader,
    path: &[&str],
    setting: Setting<Vec<T>>,
) -> Option<Setting<Vec<T>>> {
    if !setting.value.is_empty() {
        return Some(setting);
    }
    if let Some(found) = reader.strongest(path) {
        let (key, place) = (found.written.clone(), found.value_place(None));
        reader.refuse(key, Invalid::Empty, place);
    }
    None
}

/// A target triple; the usual mistakes have sentences of their own.
pub(super) fn triple(text: &str) -> Result<Triple, Invalid> {
    if text.starts_with("cfg(") {
        return Err(Invalid::CfgForTriple(text.to_owned()));
    }
    if let Some(system) = System::from_name(text) {
        let (system, triple) = (text.to_owned(), system.triple().to_owned());
        return Err(Invalid::SystemForTriple { system, triple });
    }
    Triple::new(text).map_err(|_| Invalid::Triple(text.to_owned()))
}

fn system(text: &str) -> Result<System, Invalid> {
    System::from_name(text).ok_or_else(|| Invalid::System(text.to_owned()))
}

/// `packages` and `workspace` are two words for one choice: the stronger layer decides.
fn packages(reader: &mut Reader) -> Setting<PackageSelection> {
    let listed = reader.set(&["build", "packages"], 0, PackageSpec::new);
    let listed = listed.filter(|listed| !listed.value.is_empty());
    let all = reader.boolean(&["build", "workspace"]).filter(|all| all.value);
    match (listed, all) {
        (None, None) => Setting::default(PackageSelection::Default),
        (Some(listed), None) => listed.map(PackageSelection::Packages),
        (None, Some(all)) => all.map(|_| PackageSelection::Workspace),
        (Some(listed), Some(all)) => {
            match rank(&listed.origin).cmp(&rank(&all.origin)) {
                std::cmp::Ordering::Greater => return listed.map(PackageSelection::Packages),
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => {
                    if let Some(found) = reader.strongest(&["build", "packages"]) {
                        let (key, other) = (found.written.clone(), "build.workspace".to_owned());
                        let what = Fault::Conflict { key, other };
                        reader.problems.push(Problem { what, place: found.key_place() });
                    }
                }
            }
            all.map(|_| PackageSelection::Workspace)
        }
    }
}

fn rank(origin: &Origin) -> u8 {
    match origin {
        Origin::Default => 0,
        Origin::File { .. } => 1,
        Origin::Environment { .. } => 2,
        Origin::Flag { .. } => 3,
    }
}

/// One of `words`, as the element of `values` at the same place.
pub(super) fn one_of<T: Copy>(text: &str, words: &[(&'static str, T)]) -> Result<T, Invalid> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let near = spelling::nearest(text, words.iter().map(|(word, _)| *word)).map(str::to_owned);
    let quoted: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
    Err(Invalid::Word { text: text.to_owned(), words: quoted.join(", "), near })
}
