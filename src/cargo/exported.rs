//! Files outside of their package that macros by example name, where another package calls them: there
//! `CARGO_MANIFEST_DIR` is the caller's.

use std::collections::{BTreeMap, BTreeSet};

use super::metadata::RawPackage;

/// What the macros of packages name, from the package that calls them.
#[derive(Debug, Default)]
pub struct Exported<'a> {
    names: BTreeMap<&'a str, BTreeSet<String>>,
    needs: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Exported<'a> {
    /// Adds a package, with what its exported macros name.
    pub fn add(&mut self, package: &'a RawPackage, names: BTreeSet<String>) {
        let needs = package.dependencies.iter().map(|on| on.name.as_str());
        self.needs.entry(&package.name).or_default().extend(needs);
        if !names.is_empty() {
            self.names.entry(&package.name).or_default().extend(names);
        }
    }

    /// What the macros name that a package may call.
    #[must_use]
    pub fn by(&self, package: &RawPackage) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        if self.names.is_empty() {
            return found;
        }
        let mut queue: Vec<&str> = package.dependencies.iter().map(|on| on.name.as_str()).collect();
        let mut met: BTreeSet<&str> = queue.iter().copied().collect();
        while let Some(name) = queue.pop() {
            found.extend(self.names.get(name).into_iter().flatten().map(String::as_str));
            let below = self.needs.get(name).into_iter().flatten();
            queue.extend(below.filter(|on| met.insert(on)));
        }
        found
    }
}
