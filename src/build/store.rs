//! The store's `.drv` files, read as Nix speaks of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::derivation::{Known, Subject, by_name, drv_name};
use super::record::Scope;
use crate::files::reader;
use crate::model::document::StepRef;
use crate::nix::stored::Stored;
use crate::review::StepGraph;

/// Whether Nix has taken a path into its store. After a failed build it leaves what was made under
/// the very same name, for people to look at; but only what it takes gets the time that all of the
/// store has, one second after 1970.
#[must_use]
pub fn registered(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    path.symlink_metadata().is_ok_and(|data| data.mtime() == 1)
}

/// What is known of derivations.
pub struct Store {
    names: BTreeMap<String, StepRef>,
    known: BTreeMap<String, Known>,
}

impl Store {
    /// A store whose derivations are, for the most part, those of a plan.
    #[must_use]
    pub fn new(graph: &StepGraph<'_>) -> Self {
        Self { names: by_name(graph), known: BTreeMap::new() }
    }

    /// What a `.drv` file is.
    pub fn known(&mut self, drv: &str) -> &Known {
        let Self { names, known } = self;
        known.entry(drv.to_owned()).or_insert_with(|| {
            let stored = reader::bytes(drv).ok().and_then(|bytes| Stored::parse(drv, &bytes));
            match stored {
                Some(stored) => Known::of(stored),
                None => Known {
                    subject: names
                        .get(drv_name(drv))
                        .map_or(Subject::Other, |step| Subject::Step(step.clone())),
                    outputs: Vec::new(),
                    inputs: Vec::new(),
                },
            }
        })
    }

    /// Whether all that a derivation makes is there; nothing where its outputs are not known.
    pub fn there(&mut self, drv: &str) -> Option<bool> {
        let outputs = &self.known(drv).outputs;
        (!outputs.is_empty()).then(|| outputs.iter().all(|path| registered(Path::new(path))))
    }

    /// The steps by the paths that they make, as far as they are known.
    #[must_use]
    pub fn makers(&self) -> BTreeMap<&str, &StepRef> {
        let steps = self.known.values().filter_map(|known| match &known.subject {
            Subject::Step(step) => Some((step, &known.outputs)),
            _ => None,
        });
        steps
            .flat_map(|(step, paths)| paths.iter().map(move |path| (path.as_str(), step)))
            .collect()
    }

    /// Reads all derivations that `tops` are made of, and counts their steps; `done` are those that
    /// were built or fetched. Nothing where what was built is not in a store of this machine.
    pub fn scope(&mut self, tops: &[String], done: &BTreeSet<StepRef>) -> Option<Scope> {
        if tops.is_empty() || !tops.iter().all(|top| self.there(top) == Some(true)) {
            return None;
        }
        let mut scope = Scope::default();
        let mut seen: BTreeSet<String> = tops.iter().cloned().collect();
        let mut queue: Vec<String> = tops.to_vec();
        while let Some(drv) = queue.pop() {
            let known = self.known(&drv).clone();
            if let Subject::Step(step) = &known.subject {
                scope.steps += 1;
                if !done.contains(step) {
                    match self.there(&drv) {
                        Some(true) => scope.present += 1,
                        _ => scope.needless += 1,
                    }
                }
            }
            queue.extend(known.inputs.into_iter().filter(|input| seen.insert(input.clone())));
        }
        Some(scope)
    }
}
