//! Code generation settings of a plan: each stated once, under a name that says what is different.

use std::collections::BTreeMap;

use super::sections::Named;
use crate::model::profile::{Lto, Panic};
use crate::model::step::ProfileRoot;
use crate::model::{Plan, Platform, Profile, Step};
use crate::nix::fields::Fields;

/// How many steps for targets, and how many for the host, have the same settings.
type Uses = (usize, usize);

/// Names for the different code generation settings of a plan.
pub(super) struct ProfileNames {
    names: BTreeMap<Profile, String>,
    roots: BTreeMap<String, ProfileRoot>,
}

impl ProfileNames {
    /// The settings of a profile that most steps for targets have bear its name; others say what
    /// differs. Steps for the host are counted after these: one more or fewer must not decide.
    pub(super) fn of(plans: &[&Plan]) -> Self {
        let mut counts: BTreeMap<Profile, Uses> = BTreeMap::new();
        let mut roots = BTreeMap::new();
        for step in plans.iter().flat_map(|plan| plan.graph.node_weights()) {
            match step.run() {
                None => {
                    let counts = counts.entry(without_lto(&step.profile)).or_default();
                    let is_host = step.platform == Platform::Host;
                    *(if is_host { &mut counts.1 } else { &mut counts.0 }) += 1;
                }
                Some(run) => {
                    roots.insert(step.profile.name.clone(), run.profile_root);
                }
            }
        }
        // Runs only show a few of the settings, so they borrow a profile that shows the same.
        let steps = plans.iter().flat_map(|plan| plan.graph.node_weights());
        for step in steps.filter(|step| step.run().is_some()) {
            if !counts.keys().any(|profile| shows_the_same(profile, &step.profile)) {
                counts.insert(without_lto(&step.profile), (0, 0));
            }
        }
        let mut by_name: BTreeMap<&str, Vec<(Uses, &Profile)>> = BTreeMap::new();
        for (profile, count) in &counts {
            by_name.entry(profile.name.as_str()).or_default().push((*count, profile));
        }
        let mut names = BTreeMap::new();
        for (name, mut variants) in by_name {
            variants.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
            let usual = variants[0].1;
            for (_, profile) in variants {
                let differences = differences(usual, profile);
                let name = match differences.is_empty() {
                    true => name.to_owned(),
                    false => format!("{name}, {}", differences.join(", ")),
                };
                names.insert(profile.clone(), name);
            }
        }
        Self { names, roots }
    }

    pub(super) fn name(&self, step: &Step) -> &str {
        if step.run().is_some() {
            let found =
                self.names.iter().find(|(profile, _)| shows_the_same(profile, &step.profile));
            return found.map_or("", |(_, name)| name);
        }
        self.names.get(&without_lto(&step.profile)).map_or("", String::as_str)
    }

    /// The profile that most steps of each platform have.
    pub(super) fn usual(&self, plans: &[&Plan]) -> BTreeMap<Platform, String> {
        let mut counts: BTreeMap<Platform, BTreeMap<&str, usize>> = BTreeMap::new();
        for step in plans.iter().flat_map(|plan| plan.graph.node_weights()) {
            let names = counts.entry(step.platform.clone()).or_default();
            *names.entry(self.name(step)).or_default() += 1;
        }
        let most = |names: BTreeMap<&str, usize>| {
            let most = names.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)));
            most.map(|(name, _)| name.to_owned()).unwrap_or_default()
        };
        counts.into_iter().map(|(platform, names)| (platform, most(names))).collect()
    }

    pub(super) fn fields(&self) -> Vec<Named> {
        let mut list: Vec<Named> = self
            .names
            .iter()
            .map(|(profile, name)| {
                let mut fields = Fields::default();
                let root = self.roots.get(&profile.name).copied();
                fields.text(
                    "root",
                    match root.unwrap_or(ProfileRoot::Debug) {
                        ProfileRoot::Release => "release",
                        ProfileRoot::Debug => "debug",
                    },
                );
                profile_fields(profile, &mut fields);
                Named { name: name.clone(), fields }
            })
            .collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list
    }
}

/// LTO is a fact of each step, not of its profile.
fn without_lto(profile: &Profile) -> Profile {
    Profile { lto: Lto::No, ..profile.clone() }
}

fn shows_the_same(a: &Profile, b: &Profile) -> bool {
    a.name == b.name
        && a.opt_level == b.opt_level
        && (a.debuginfo == "0") == (b.debuginfo == "0")
        && a.debug_assertions == b.debug_assertions
}

fn profile_fields(profile: &Profile, fields: &mut Fields) {
    fields.text("optLevel", &profile.opt_level);
    if profile.debuginfo != "0" {
        fields.text("debuginfo", &profile.debuginfo);
    }
    if let Some(units) = profile.codegen_units {
        fields.bare("codegenUnits", units);
    }
    fields.some_text("splitDebuginfo", profile.split_debuginfo.as_deref().unwrap_or_default());
    let implied = profile.opt_level == "0";
    if profile.debug_assertions != implied {
        fields.bare("debugAssertions", profile.debug_assertions);
    }
    if profile.overflow_checks != profile.debug_assertions {
        fields.bare("overflowChecks", profile.overflow_checks);
    }
    match profile.panic {
        Panic::Unwind => {}
        Panic::Abort => fields.text("panic", "abort"),
        Panic::ImmediateAbort => fields.text("panic", "immediate-abort"),
    }
    fields.yes("rpath", profile.rpath);
    fields.some_text("strip", profile.strip.as_deref().unwrap_or_default());
    fields.list("rustflags", &profile.rustflags);
}

/// What tells `other` from `usual`, as the manifest would say it.
fn differences(usual: &Profile, other: &Profile) -> Vec<String> {
    let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let mut list = Vec::new();
    let mut differ = |name: &str, a: String, b: String| {
        if a != b {
            list.push(format!("{name} {b}"));
        }
    };
    differ("opt-level", usual.opt_level.clone(), other.opt_level.clone());
    differ("debug", usual.debuginfo.clone(), other.debuginfo.clone());
    let units = |profile: &Profile| {
        profile.codegen_units.map_or_else(|| "default".to_owned(), |units| units.to_string())
    };
    differ("codegen-units", units(usual), units(other));
    differ("split-debuginfo", show(&usual.split_debuginfo), show(&other.split_debuginfo));
    differ("assertions", usual.debug_assertions.to_string(), other.debug_assertions.to_string());
    differ("overflow-checks", usual.overflow_checks.to_string(), other.overflow_checks.to_string());
    differ(
        "panic",
        format!("{:?}", usual.panic).to_lowercase(),
        format!("{:?}", other.panic).to_lowercase(),
    );
    differ("rpath", usual.rpath.to_string(), other.rpath.to_string());
    differ("strip", show(&usual.strip), show(&other.strip));
    differ("rustflags", usual.rustflags.join(" "), other.rustflags.join(" "));
    list
}
