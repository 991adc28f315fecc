//! Which crates of the build machine a recording needs for real.
//!
//! Of a host unit only what it does during the build counts: build scripts run, and so do the macros that
//! they and their dependencies were compiled with. All other host units, such as the derives of a target
//! crate, are called by nobody while nothing of the target is compiled, and stand-ins do for them.

use std::collections::{BTreeMap, BTreeSet};

use rbn_builder::step::{Action, Step};
use serde::{Deserialize, Serialize};

use super::environment::Variables;

/// The file in the record directory that holds a [`Needed`].
pub const NEEDED_FILE: &str = "needed";

/// Package, version and crate name: units that share all three are needed together.
type Key = (String, String, String);

/// The crates that build scripts are made of, and the macros in these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needed(BTreeSet<Key>);

impl Needed {
    /// Of the steps of a plan, named by their outputs.
    #[must_use]
    pub fn of(steps: &BTreeMap<String, Step>) -> Self {
        let program = |step: &Step| match &step.action {
            Action::Run(run) => run.program.clone(),
            Action::Compile(_) => None,
        };
        let mut waiting: Vec<String> = steps.values().filter_map(program).collect();
        let mut known = BTreeSet::new();
        let mut needed = Self::default();
        while let Some(output) = waiting.pop() {
            let Some(step) = steps.get(&output) else { continue };
            let Action::Compile(compile) = &step.action else { continue };
            if !known.insert(output) {
                continue;
            }
            needed.0.insert(key(&step.package.name, &step.package.version, &compile.target));
            waiting.extend(compile.crates().map(str::to_owned));
        }
        needed
    }

    /// What either needs.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether a call of rustc with `env`, for the crate `name`, has to do its work.
    #[must_use]
    pub fn has(&self, env: &Variables, name: &str) -> bool {
        let of = |variable: &str| env.get(variable).map_or("", String::as_str);
        self.0.contains(&key(of("CARGO_PKG_NAME"), of("CARGO_PKG_VERSION"), name))
    }
}

fn key(package: &str, version: &str, target: &str) -> Key {
    (package.to_owned(), version.to_owned(), target.replace('-', "_"))
}
