//! How each unit takes part in LTO: a property of the whole graph, not of a unit.
//!
//! The rules are those of `lto.rs` in Cargo 1.95: a root says what it wants, each unit below is
//! asked by all its dependents, and contradicting wishes are merged into "both".

use std::collections::BTreeMap;

use crate::cargo::unit_graph::{UnitGraph, UnitMode};
use crate::model::profile::Lto;
use crate::model::step::UnitLto;
use crate::model::{CrateType, Profile};

/// What of a unit decides about LTO.
#[derive(Clone, Debug)]
pub struct LtoUnit<'a> {
    /// Its crate types.
    pub crate_types: &'a [CrateType],
    /// Whether it is a build script or proc macro.
    pub for_host: bool,
    /// Its profile.
    pub profile: &'a Profile,
}

/// The part of each unit of `graph` that is compiled, by index.
#[must_use]
pub fn assign(graph: &UnitGraph, units: &[LtoUnit<'_>]) -> BTreeMap<usize, UnitLto> {
    let mut assigned: BTreeMap<usize, UnitLto> = BTreeMap::new();
    let mut queue: Vec<(usize, UnitLto)> = Vec::new();
    // A stack is walked from its end; roots are pushed in reverse to be asked in Cargo's order.
    for root in graph.roots.iter().rev() {
        queue.push((*root, wish_of_root(&units[*root])));
    }
    while let Some((index, parent)) = queue.pop() {
        let mode = graph.units[index].mode;
        let wanted = wanted(&units[index], mode, &parent);
        let merged = match assigned.get(&index) {
            None => wanted,
            Some(before) => {
                let merged = merge(wanted, before.clone());
                if merged == *before {
                    continue;
                }
                merged
            }
        };
        assigned.insert(index, merged.clone());
        for dependency in graph.units[index].dependencies.iter().rev() {
            queue.push((dependency.index, merged.clone()));
        }
    }
    assigned
}

fn wish_of_root(unit: &LtoUnit<'_>) -> UnitLto {
    match unit.profile.lto {
        Lto::No => UnitLto::OnlyObject,
        Lto::Off => UnitLto::Off,
        Lto::Yes | Lto::Named(_) if unit.for_host => UnitLto::OnlyObject,
        Lto::Yes | Lto::Named(_) if needs_object(unit.crate_types) => for_objects(unit.crate_types),
        Lto::Yes | Lto::Named(_) => UnitLto::OnlyBitcode,
    }
}

fn wanted(unit: &LtoUnit<'_>, mode: UnitMode, parent: &UnitLto) -> UnitLto {
    let as_bin = [CrateType::Bin];
    let types = if matches!(mode, UnitMode::Test | UnitMode::Doctest) {
        &as_bin[..]
    } else {
        unit.crate_types
    };
    if unit.for_host {
        return UnitLto::OnlyObject;
    }
    if types.iter().all(|kind| kind.can_lto()) {
        return match &unit.profile.lto {
            Lto::Named(kind) => UnitLto::Run(Some(kind.clone())),
            Lto::Off => UnitLto::Off,
            Lto::Yes => UnitLto::Run(None),
            Lto::No => UnitLto::OnlyObject,
        };
    }
    match (parent, needs_object(types)) {
        (UnitLto::Run(_), false) => UnitLto::OnlyBitcode,
        (UnitLto::Run(_) | UnitLto::OnlyBitcode, true) => for_objects(types),
        (UnitLto::Off, _) => UnitLto::Off,
        (stay, _) => stay.clone(),
    }
}

fn needs_object(types: &[CrateType]) -> bool {
    types.iter().any(|kind| kind.can_lto() || kind.is_dynamic())
}

fn for_objects(types: &[CrateType]) -> UnitLto {
    if types.iter().all(|kind| *kind == CrateType::Dylib) {
        UnitLto::OnlyObject
    } else {
        UnitLto::ObjectAndBitcode
    }
}

fn merge(new: UnitLto, old: UnitLto) -> UnitLto {
    use UnitLto::{ObjectAndBitcode, Off, OnlyBitcode, OnlyObject, Run};
    match (new, old) {
        (OnlyBitcode, OnlyBitcode) => OnlyBitcode,
        (OnlyObject, OnlyObject) => OnlyObject,
        (Run(kind), _) | (_, Run(kind)) => Run(kind),
        (Off, _) | (_, Off) => Off,
        _ => ObjectAndBitcode,
    }
}
