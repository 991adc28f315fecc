//! Which `check` units are checked with their tests.
//!
//! Cargo knows two modes, `Check { test: false }` and `Check { test: true }`, and its unit graph
//! prints `check` for both. What it does not print follows from how it picks units (Cargo 1.96,
//! `create_proposals`):
//!
//! * with tests are only units that were asked for; what a unit needs is checked without,
//! * integration tests and benchmarks always are,
//! * with `--profile test`, all that was asked for is,
//! * a library, bin or example is asked for without tests if the flags name its kind (or no kind at
//!   all, or `--all-targets`), and with tests by `--tests`, `--benches` and `--all-targets` if its
//!   manifest does not say otherwise: so there are one or two units of it among the roots.
//!
//! Of two, the one with tests is the one that unwinds where the profile aborts, since a harness
//! needs that; else the second one, because Cargo sorts units, and by mode last.

use std::collections::{BTreeMap, BTreeSet};

use crate::cargo::selection::{Command, Selection};
use crate::cargo::unit_graph::{Unit, UnitGraph, UnitMode};
use crate::model::TargetKind;
use crate::model::profile::Panic;

/// Two units of one build target that no rule tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ambiguous(
    /// The index of one of them.
    pub usize,
);

/// Indices of the units that are checked with their tests.
///
/// # Errors
/// More than two roots are the same build target of the same package.
pub fn with_tests(graph: &UnitGraph, selection: &Selection) -> Result<BTreeSet<usize>, Ambiguous> {
    let mut found = BTreeSet::new();
    if !matches!(selection.command, Command::Check | Command::Clippy | Command::Fmt) {
        return Ok(found);
    }
    let needed: BTreeSet<usize> = graph
        .units
        .iter()
        .flat_map(|unit| unit.dependencies.iter().map(|dependency| dependency.index))
        .collect();
    let mut same: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
    for &root in &graph.roots {
        let unit = &graph.units[root];
        if unit.mode != UnitMode::Check {
            continue;
        }
        let target = (&unit.target.kind, &unit.target.name, &unit.target.src_path);
        same.entry((&unit.pkg_id, target, &unit.platform)).or_default().insert(root);
    }
    for roots in same.into_values() {
        let roots: Vec<usize> = roots.into_iter().collect();
        let first = &graph.units[roots[0]];
        let always = selection.profile == "test"
            || matches!(first.kind(), Ok(TargetKind::Test | TargetKind::Bench));
        match roots.as_slice() {
            roots if always => found.extend(roots),
            // A unit that others need is checked without, whatever was asked for.
            [root] if needed.contains(root) || asked_without_tests(first, selection) => {}
            [root] => {
                found.insert(*root);
            }
            [one, other] => {
                found.insert(second(graph, &needed, *one, *other));
            }
            _ => return Err(Ambiguous(roots[0])),
        }
    }
    Ok(found)
}

/// Which of two units of a build target has the tests; `one` comes first in Cargo's order.
fn second(graph: &UnitGraph, needed: &BTreeSet<usize>, one: usize, other: usize) -> usize {
    let aborts = |index: usize| {
        let profile = graph.units[index].profile.parse();
        profile.is_ok_and(|profile| profile.panic != Panic::Unwind)
    };
    match (needed.contains(&one), needed.contains(&other)) {
        (true, false) => other,
        (false, true) => one,
        _ if aborts(one) == aborts(other) => other,
        _ if aborts(one) => other,
        _ => one,
    }
}

/// Whether the flags ask for the unit's build target as it is, without tests.
fn asked_without_tests(unit: &Unit, selection: &Selection) -> bool {
    let flags = &selection.build_targets;
    let given = |flag: &str| flags.iter().any(|given| given == flag);
    let named = |flag: &str| given(&format!("{flag}={}", unit.target.name));
    if flags.is_empty() || given("--all-targets") {
        return true;
    }
    match unit.kind() {
        Ok(TargetKind::Lib | TargetKind::ProcMacro) => given("--lib"),
        Ok(TargetKind::Bin) => given("--bins") || named("--bin"),
        Ok(TargetKind::Example) => given("--examples") || named("--example"),
        _ => false,
    }
}
