//! Causes that lie outside of packages: each is told once, with all the steps that it meets.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;

use super::cause::{Cause, CauseKind};
use super::graph::StepGraph;
use super::matching::Matching;
use super::set_change;
use super::{step_change, toolchain};
use crate::model::document::{Action, StepRef};
use crate::nix::System;

/// The most packages that a change of code generation is told of one by one.
const FEW: usize = 3;

/// A shared cause with whom it concerns.
pub(super) type Shared = (String, Cause);

/// Shared causes, with the steps of the new plan that they meet.
pub(super) type SharedCauses = BTreeMap<Shared, BTreeSet<NodeIndex>>;

/// Whom a shared cause of one step concerns.
pub(super) fn named(cause: Cause, new: &StepGraph<'_>, id: NodeIndex) -> Shared {
    let node = &new.graph[id];
    let subject = match cause.kind {
        CauseKind::Profile => format!("profile {}", node.step.profile.name),
        CauseKind::Lto => "link-time optimisation".to_owned(),
        _ => node.package.name.clone(),
    };
    (subject, cause)
}

/// The causes of whole plans and platforms.
pub(super) fn of_plans(
    old: &StepGraph<'_>,
    new: &StepGraph<'_>,
    matching: &Matching,
) -> SharedCauses {
    let (a, b) = (old.document, new.document);
    let mut shared = SharedCauses::new();
    let mut add = |subject: &str, kind, text: Option<String>, meets: &dyn Fn(NodeIndex) -> bool| {
        let Some(text) = text else { return };
        let steps = new.graph.node_indices().filter(|id| meets(*id));
        shared.insert((subject.to_owned(), Cause::new(kind, text)), steps.collect());
    };
    let arrow = |old: &str, new: &str| (old != new).then(|| format!("{old} -> {new}"));
    let recipe = (a.recipe != b.recipe).then(|| "made by another version of rbn-plan".to_owned());
    add("plan", CauseKind::Recipe, recipe, &|_| true);
    let pins = toolchain::change(a.toolchain.as_ref(), b.toolchain.as_ref());
    add("toolchain", CauseKind::Toolchain, pins, &|_| true);
    add(
        "plan",
        CauseKind::Environment,
        set_change::map_change(&a.environment, &b.environment),
        &|_| true,
    );
    let (roots, met) = roots(old, new, matching);
    add("plan", CauseKind::Roots, roots, &|id| met.contains(&id));
    let is_run = |id: NodeIndex| new.graph[id].step.action == Action::RunScript;
    // On another kind of machine every step is another derivation; of one kind, scripts see HOST.
    let other_system = System::of_triple(&a.host) != System::of_triple(&b.host);
    add("plan", CauseKind::Host, arrow(&a.host, &b.host), &|id| other_system || is_run(id));
    for (name, new_facts) in &b.platforms {
        let Some(old_facts) = a.platforms.get(name) else { continue };
        let here = |id: NodeIndex| new.graph[id].platform == name;
        let flags = set_change::flags_change(&old_facts.rustflags, &new_facts.rustflags);
        // What rustc says of a platform follows from its flags.
        let cfg = match flags {
            Some(_) => None,
            None => set_change::map_change(&old_facts.cfg_env, &new_facts.cfg_env),
        };
        add(name, CauseKind::Rustflags, flags, &here);
        let linker =
            |linker: &Option<String>| linker.clone().unwrap_or_else(|| "default".to_owned());
        let linkers = arrow(&linker(&old_facts.linker), &linker(&new_facts.linker));
        add(name, CauseKind::Linker, linkers, &here);
        add(name, CauseKind::Cfg, cfg, &|id| here(id) && is_run(id));
    }
    shared
}

/// The steps of both plans that are asked for in one only, and those that see it. A step that came
/// or went is told as such, whether it was asked for or not.
fn roots(
    old: &StepGraph<'_>,
    new: &StepGraph<'_>,
    matching: &Matching,
) -> (Option<String>, BTreeSet<NodeIndex>) {
    let of = |graph: &StepGraph<'_>| -> BTreeSet<NodeIndex> {
        let ids =
            graph.document.roots.iter().map(|StepRef { platform, step }| graph.id(platform, step));
        ids.flatten().collect()
    };
    let (before, after) = (of(old), of(new));
    let mut words = BTreeSet::new();
    let mut packages = BTreeSet::new();
    let mut met = BTreeSet::new();
    for (a, b) in &matching.pairs {
        let (was, is) = (before.contains(a), after.contains(b));
        let (x, y) = (&old.graph[*a], &new.graph[*b]);
        if was != is {
            words.insert(format!("{}{}", if is { '+' } else { '-' }, y.name));
        }
        let named = step_change::is_primary(y);
        if step_change::is_primary(x) != named {
            packages.insert(format!("{}{}", if named { '+' } else { '-' }, y.package.name));
            met.insert(*b);
        }
    }
    // The very same steps may be asked for by other packages: those that are named are told so.
    if words.is_empty() {
        words = packages;
    }
    let rest = words.len().saturating_sub(8);
    let mut text = words.into_iter().take(8).collect::<Vec<_>>().join(", ");
    if rest > 0 {
        text.push_str(&format!(" and {rest} more"));
    }
    ((!text.is_empty()).then_some(text), met)
}

/// One entry for link-time optimisation: each unit's part follows from what is linked in the end.
pub(super) fn unite_lto(shared: &mut SharedCauses) {
    let is_lto = |shared: &Shared| shared.1.kind == CauseKind::Lto;
    let ends = |shared: &Shared| ["fat", "thin"].iter().any(|word| shared.1.text.contains(word));
    let Some(end) = shared.keys().find(|key| is_lto(key) && ends(key)).cloned() else { return };
    let mut steps = BTreeSet::new();
    shared.retain(|key, ids| {
        if is_lto(key) {
            steps.append(ids);
        }
        !is_lto(key)
    });
    shared.insert(end, steps);
}

/// Code generation that changed for a few packages of many is theirs: those are taken out.
pub(super) fn of_few_packages(
    shared: &mut SharedCauses,
    new: &StepGraph<'_>,
) -> Vec<(Cause, BTreeSet<NodeIndex>)> {
    let mut of_packages = Vec::new();
    shared.retain(|(_, cause), ids| {
        let packages: BTreeSet<&str> =
            ids.iter().map(|id| new.graph[*id].step.package.as_str()).collect();
        let sample = ids.first().map(|id| &new.graph[*id]);
        let others = new.graph.node_weights().any(|node| {
            sample.is_some_and(|sample| {
                node.platform == sample.platform
                    && node.step.profile.name == sample.step.profile.name
                    && !packages.contains(node.step.package.as_str())
            })
        });
        let few = cause.kind == CauseKind::Profile && packages.len() <= FEW && others;
        if few {
            of_packages.push((cause.clone(), std::mem::take(ids)));
        }
        !few
    });
    of_packages
}

/// Says for which platforms a change of code generation holds, where it is not for all.
pub(super) fn name_platforms(shared: SharedCauses, new: &StepGraph<'_>) -> SharedCauses {
    let platforms = |ids: &mut dyn Iterator<Item = NodeIndex>| -> BTreeSet<&str> {
        ids.map(|id| new.graph[id].platform).collect()
    };
    let all = platforms(&mut new.graph.node_indices());
    let name = |((subject, cause), ids): (Shared, BTreeSet<NodeIndex>)| {
        let here = platforms(&mut ids.iter().copied());
        let subject = match cause.kind {
            CauseKind::Profile | CauseKind::Lto if here != all && !here.is_empty() => {
                let targets = all.iter().filter(|name| **name != "host").count();
                let place = match here.contains("host") {
                    false if here.len() == targets => "targets".to_owned(),
                    _ => here.into_iter().collect::<Vec<_>>().join(", "),
                };
                match cause.kind {
                    // Nothing for the host is ever optimised while it is linked.
                    CauseKind::Lto if place == "targets" => subject,
                    _ => format!("{subject} ({place})"),
                }
            }
            _ => subject,
        };
        ((subject, cause), ids)
    };
    shared.into_iter().map(name).collect()
}
