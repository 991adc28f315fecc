//! What is not the same on every build machine of a plan.
//!
//! A plan for several machines is one plan for each of them, printed together: what all have in
//! the same words stands once, in the sections of a plan for one machine; the rest, which is
//! little, stands under the machine's name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::sections::{Group, Named, StepFacts};
use crate::model::{Plan, Platform, Triple, default_target};
use crate::nix::System;
use crate::nix::fields::{Entry, Fields, entries_of};

/// Printed steps, by platform.
pub(super) type Steps = BTreeMap<Platform, Vec<StepFacts>>;

/// One build machine.
#[derive(Serialize)]
pub(super) struct Machine {
    name: String,
    fields: Fields,
    /// `CARGO_CFG_*` of the machine itself, where machines differ in it.
    cfgs: Vec<Entry>,
    groups: Vec<Group>,
    roots: Vec<Named>,
}

/// A plan's machine by Nix's name; rustc's where Nix has none.
pub(super) fn name(plan: &Plan) -> String {
    let host = plan.host.as_ref().map(Triple::as_str).unwrap_or_default();
    System::of_triple(host).map_or_else(|| host.to_owned(), |system| system.to_string())
}

/// Takes out of `all` what they have in common: steps of one name and the same words.
pub(super) fn split(mut all: Vec<Steps>) -> (Steps, Vec<Steps>) {
    let mut common = Steps::new();
    let Some((first, others)) = all.split_first() else { return (common, all) };
    let others: Vec<BTreeMap<(&Platform, &str), &StepFacts>> = others.iter().map(by_name).collect();
    for (platform, steps) in first {
        let everywhere = |step: &&StepFacts| {
            others.iter().all(|other| other.get(&(platform, step.name())) == Some(step))
        };
        common.insert(platform.clone(), steps.iter().filter(everywhere).cloned().collect());
    }
    for (platform, steps) in all.iter_mut().flatten() {
        let shared = common.entry(platform.clone()).or_default();
        let names: BTreeSet<&str> = shared.iter().map(StepFacts::name).collect();
        steps.retain(|step| !names.contains(step.name()));
    }
    for steps in &mut all {
        steps.retain(|_, own| !own.is_empty());
    }
    (common, all)
}

fn by_name(steps: &Steps) -> BTreeMap<(&Platform, &str), &StepFacts> {
    let mut named = BTreeMap::new();
    for (platform, steps) in steps {
        named.extend(steps.iter().map(|step| ((platform, step.name()), step)));
    }
    named
}

/// The section on machines. Of one machine there is nothing to say but its name.
pub(super) fn section(plans: &[&Plan], own: Vec<Steps>, roots: Vec<Vec<Named>>) -> Vec<Machine> {
    let alone = plans.len() == 1;
    let mut machines = Vec::new();
    for ((plan, steps), roots_here) in plans.iter().zip(own).zip(&roots) {
        let mut fields = Fields::default();
        let mut cfgs = Vec::new();
        if !alone {
            let host = plan.host.as_ref();
            fields.text("host", host.map(ToString::to_string).unwrap_or_default());
            let default = default_target(&plan.targets, host, plans.len());
            if let Some(own) = default.filter(|own| plan.targets.first() != Some(own)) {
                fields.text("default", own.to_string());
            }
            if !same(plans, linker) {
                fields.some_text("linker", linker(plan).unwrap_or_default());
            }
            // A machine that is a target of the plan, too, is described there.
            let target = host.and_then(|host| plan.platforms.get(&Platform::Target(host.clone())));
            let known = target.is_some_and(|facts| Some(&facts.cfg_env) == cfg_env(plan));
            if !known && !same(plans, cfg_env) {
                cfgs = cfg_env(plan).map(entries_of).unwrap_or_default();
            }
        }
        let group = |(platform, steps): (Platform, _)| Group::plain(platform.group(), steps);
        machines.push(Machine {
            name: name(plan),
            fields,
            cfgs,
            groups: steps.into_iter().map(group).collect(),
            roots: if roots.first() == Some(roots_here) { Vec::new() } else { roots_here.clone() },
        });
    }
    machines
}

/// Whether all `plans` have the same of something.
pub(super) fn same<'p, T: PartialEq>(plans: &[&'p Plan], of: impl Fn(&'p Plan) -> T) -> bool {
    plans.windows(2).all(|pair| of(pair[0]) == of(pair[1]))
}

/// The linker of host steps.
pub(super) fn linker(plan: &Plan) -> Option<&str> {
    plan.platforms.get(&Platform::Host)?.linker.as_deref()
}

/// What rustc says of the build machine.
pub(super) fn cfg_env(plan: &Plan) -> Option<&BTreeMap<String, String>> {
    plan.platforms.get(&Platform::Host).map(|facts| &facts.cfg_env)
}
