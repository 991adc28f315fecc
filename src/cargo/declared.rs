//! What packages declare of each other, by names.

use std::collections::{BTreeMap, BTreeSet};

use super::metadata::RawPackage;
use crate::model::TargetKind;

/// Packages by their names.
pub struct Declared<'a> {
    by_name: BTreeMap<&'a str, Vec<&'a RawPackage>>,
}

impl<'a> Declared<'a> {
    /// Of these packages.
    pub fn new(packages: impl IntoIterator<Item = &'a RawPackage>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&RawPackage>> = BTreeMap::new();
        for package in packages {
            by_name.entry(&package.name).or_default().push(package);
        }
        Self { by_name }
    }

    /// The packages of these names.
    pub fn named(&self, names: &BTreeSet<&'a str>) -> impl Iterator<Item = &'a RawPackage> {
        names.iter().filter_map(|name| self.by_name.get(name)).flatten().copied()
    }

    /// The names of these packages, and of those that they are made of.
    pub fn made_of(&self, names: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let mut queue: Vec<&str> = names.into_iter().collect();
        let mut met: BTreeSet<&str> = queue.iter().copied().collect();
        while let Some(name) = queue.pop() {
            let packages = self.by_name.get(name).into_iter().flatten();
            let below = packages.flat_map(|package| needs(package, None));
            queue.extend(below.filter(|on| met.insert(on)));
        }
        met
    }
}

/// Whether the package's library is a procedural macro.
pub fn is_macro(package: &RawPackage) -> bool {
    package.targets.iter().any(|target| target.kind() == Some(TargetKind::ProcMacro))
}

/// The names of a package's dependencies of one kind.
pub fn needs<'p>(package: &'p RawPackage, kind: Option<&str>) -> impl Iterator<Item = &'p str> {
    let of_kind = package.dependencies.iter().filter(move |on| on.kind.as_deref() == kind);
    of_kind.map(|on| on.name.as_str())
}
