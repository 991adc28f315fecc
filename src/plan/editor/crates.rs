//! The crates of a plan, as an editor counts them.
//!
//! Cargo compiles a library twice where it has tests: as others use it, and with its tests. An editor opens the file
//! once. So the steps of one target, with the same features, are one crate, which sees what all of them see.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Edge, Mode, PackageKey, Plan, Platform, StepId, TargetKind};

/// A crate.
#[derive(Debug)]
pub struct Crate {
    /// The step that stands for it: of the library that others use, where there is one.
    pub step: StepId,
    /// Names in its code, and the crates that they mean.
    pub deps: BTreeMap<String, usize>,
}

/// What makes two steps one crate.
type Key<'p> = (&'p Platform, &'p PackageKey, TargetKind, &'p str, &'p [String]);

/// Macros and build scripts are the build machine's, also where their tests are a target's.
static HOST: Platform = Platform::Host;

fn key(plan: &Plan, id: StepId) -> Option<Key<'_>> {
    let step = plan.step(id);
    let compile = step.compile()?;
    let kind = compile.target.kind;
    let on_host = matches!(kind, TargetKind::ProcMacro | TargetKind::CustomBuild);
    let platform = if on_host { &HOST } else { &step.platform };
    Some((platform, &step.package, kind, compile.target.name.as_str(), step.features.as_slice()))
}

/// Whether an editor looks at a step: it is the build machine's, or of the first target.
pub fn is_seen(plan: &Plan, id: StepId) -> bool {
    let platform = &plan.step(id).platform;
    platform.is_host() || plan.targets.first().is_some_and(|t| t.as_str() == platform.group())
}

/// The run of a crate's build script.
pub fn run_of(plan: &Plan, id: StepId) -> Option<StepId> {
    let mut below = plan.dependencies(id);
    below.find(|(edge, _)| **edge == Edge::ScriptOutput).map(|(_, on)| on)
}

/// All crates whose package `is_here`, in an order that only meaning decides.
pub fn crates(plan: &Plan, is_here: impl Fn(&PackageKey) -> bool) -> Vec<Crate> {
    let mut steps: BTreeMap<Key<'_>, Vec<StepId>> = BTreeMap::new();
    for id in plan.groups().into_values().flatten() {
        let Some(key) = key(plan, id).filter(|_| is_seen(plan, id)) else { continue };
        let is_rustdoc = plan.step(id).compile().is_some_and(|one| one.mode.is_rustdoc());
        if !is_rustdoc && is_here(key.1) {
            steps.entry(key).or_default().push(id);
        }
    }
    let is_test = |id: &StepId| plan.step(*id).compile().is_some_and(|one| one.mode.is_test());
    for of_one in steps.values_mut() {
        // What others use comes first, and of a macro what can be loaded.
        let mode = |id: &StepId| plan.step(*id).compile().map(|one| one.mode);
        of_one.sort_by_key(|id| (is_test(id), mode(id) != Some(Mode::Build)));
    }
    let places: BTreeMap<Key<'_>, usize> =
        steps.keys().enumerate().map(|(n, key)| (*key, n)).collect();
    let first =
        |ids: &Vec<StepId>| ids.first().map(|id| Crate { step: *id, deps: BTreeMap::new() });
    let mut crates: Vec<Crate> = steps.values().filter_map(first).collect();
    // What tests need comes last: a crate may not need itself, as a library's tests may.
    for of_tests in [false, true] {
        for (own, ids) in steps.values().enumerate() {
            for id in ids.iter().filter(|id| is_test(id) == of_tests) {
                for (edge, on) in plan.dependencies(*id) {
                    let Edge::Extern { name, .. } = edge else { continue };
                    let Some(on) = key_place(plan, &places, on) else { continue };
                    let is_known = crates[own].deps.contains_key(name);
                    // An editor's names are names of crates.
                    if !is_known && !name.contains(':') && !reaches(&crates, on, own) {
                        crates[own].deps.insert(name.clone(), on);
                    }
                }
            }
        }
    }
    crates
}

fn key_place(plan: &Plan, places: &BTreeMap<Key<'_>, usize>, on: StepId) -> Option<usize> {
    places.get(&key(plan, on)?).copied()
}

/// Whether `from` is `to`, or needs it.
fn reaches(crates: &[Crate], from: usize, to: usize) -> bool {
    let mut waiting = vec![from];
    let mut known = BTreeSet::from([from]);
    while let Some(one) = waiting.pop() {
        if one == to {
            return true;
        }
        waiting.extend(crates[one].deps.values().copied().filter(|next| known.insert(*next)));
    }
    false
}
