//! The plans of one file: one for each build machine, by the machine's name.
//!
//! A step is another derivation on each machine, so plans are compared machine by machine. A
//! machine that only one of two files has rebuilds nothing on the others.

use std::collections::BTreeMap;

use super::change::{Diff, Machines, OnMachine};
use super::diff::diff_timed;
use super::graph::GraphError;
use super::times::Times;
use crate::model::Document;
use crate::nix::System;

/// The plans of a file, each of another build machine.
#[derive(Clone, Debug, Default)]
pub struct Plans(BTreeMap<String, Document>);

impl Plans {
    /// The plans that are given, by their machines.
    #[must_use]
    pub fn new(documents: impl IntoIterator<Item = Document>) -> Self {
        let named = documents.into_iter().map(|document| (machine(&document.host), document));
        Self(named.collect())
    }

    /// The plan for `machine`; for the first by name where there is none for it.
    #[must_use]
    pub fn on(&self, machine: &str) -> Option<&Document> {
        self.0.get(machine).or_else(|| self.0.values().next())
    }
}

/// The build machine of a host's triple, in Nix's word where Nix has one.
fn machine(host: &str) -> String {
    System::of_triple(host).map_or_else(|| host.to_owned(), |system| system.to_string())
}

/// Compares the plans of two files as they are for the machine `here`, or for the first by name
/// that both are for; then for the other machines of both.
///
/// # Errors
/// [`GraphError`] for a plan whose steps need each other.
pub fn compare(
    old: &Plans,
    new: &Plans,
    here: &str,
    times: &Times,
) -> Result<Option<Diff>, GraphError> {
    let both: Vec<&String> = new.0.keys().filter(|name| old.0.contains_key(*name)).collect();
    let about = both.iter().find(|name| **name == here).or(both.first()).copied();
    let about = about.map_or(here, String::as_str);
    let (Some(before), Some(after)) = (old.on(about), new.on(about)) else { return Ok(None) };
    let mut diff = diff_timed(before, after, times)?;
    let only = |one: &Plans, other: &Plans| -> Vec<String> {
        one.0.keys().filter(|name| !other.0.contains_key(*name)).cloned().collect()
    };
    let mut others = Vec::new();
    for name in both.into_iter().filter(|name| *name != about) {
        let mut there = diff_timed(&old.0[name], &new.0[name], times)?;
        // The file says it once, for all machines.
        there.selection = None;
        others.push(OnMachine { machine: name.clone(), diff: there });
    }
    diff.machines = Machines {
        about: machine(&after.host),
        added: only(new, old),
        removed: only(old, new),
        others,
    };
    Ok(Some(diff))
}
