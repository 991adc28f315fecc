//! What manifests declare, as `explain` asks for it.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use crate::cargo::Workspace;
use crate::cargo::metadata::RawDependency;
use crate::model::Platform;
use crate::review::Declared;
use crate::review::declared::{DeclaredDependency, DeclaredPackage, For};

/// What the manifests of a workspace and of all that it needs declare.
#[must_use]
pub fn of(workspace: &Workspace) -> Declared {
    let packages = workspace.metadata.packages.iter().map(|package| {
        let dependencies = package.dependencies.iter().map(|one| dependency(one, workspace));
        let declared = DeclaredPackage::new(package.features.clone(), dependencies.collect());
        ((package.name.clone(), package.version.to_string()), declared)
    });
    Declared { packages: packages.collect() }
}

fn dependency(one: &RawDependency, workspace: &Workspace) -> DeclaredDependency {
    DeclaredDependency {
        package: one.name.clone(),
        name: one.rename.clone().unwrap_or_else(|| one.name.clone()),
        needed_for: match one.kind.as_deref() {
            Some("build") => For::Script,
            Some("dev") => For::Tests,
            _ => For::Code,
        },
        absent: absent(one, workspace),
        default: one.uses_default_features,
        features: one.features.clone(),
    }
}

/// The platforms of the plan that the dependency's table does not hold for.
fn absent(one: &RawDependency, workspace: &Workspace) -> BTreeSet<String> {
    let Some(Ok(table)) = one.target.as_deref().map(cargo_platform::Platform::from_str) else {
        return BTreeSet::new();
    };
    let holds = |platform: &Platform| {
        let triple = match platform {
            Platform::Host => &workspace.rustc.host,
            Platform::Target(triple) => triple,
        };
        table.matches(triple.as_str(), &workspace.probes[platform].cfgs)
    };
    let others = workspace.probes.keys().filter(|platform| !holds(platform));
    others.map(ToString::to_string).collect()
}
