//! Units that no step can express: refused before anything is planned, by their names.

use std::collections::BTreeMap;

use super::unit::refuse;
use crate::cargo::Workspace;
use crate::cargo::metadata::RawPackage;
use crate::cargo::unit_graph::{Unit, UnitGraph, UnitMode};
use crate::model::TargetKind;
use crate::plan::error::PlanError;

/// Refuses the first unit of `graph` that needs what a plan has not.
///
/// # Errors
/// [`PlanError::Unit`] with what to do.
pub(super) fn refuse_units(workspace: &Workspace, graph: &UnitGraph) -> Result<(), PlanError> {
    let packages = &workspace.metadata.packages;
    let packages = packages.iter().map(|package| (package.id.as_str(), package)).collect();
    for unit in &graph.units {
        own_standard_library(unit)?;
        without_source(unit)?;
        several_scripts(unit, graph)?;
        artifacts(unit, graph, &packages)?;
        file_name(unit, workspace, &packages)?;
    }
    Ok(())
}

fn own_standard_library(unit: &Unit) -> Result<(), PlanError> {
    if !unit.is_std {
        return Ok(());
    }
    let reason = "it belongs to a standard library that Cargo builds itself (`-Z build-std`, or `unstable.build-std` of the configuration)";
    let help = "leave that out; a toolchain that has the target's standard library does the same";
    Err(refuse(unit, reason.to_owned(), Some(help)))
}

fn without_source(unit: &Unit) -> Result<(), PlanError> {
    if !unit.target.src_path.is_empty() {
        return Ok(());
    }
    let reason = "Cargo writes its source itself while it builds (`metabuild` in Cargo.toml)";
    let help = "write the build script: its `main` calls `metabuild()` of each of those crates";
    Err(refuse(unit, reason.to_owned(), Some(help)))
}

fn several_scripts(unit: &Unit, graph: &UnitGraph) -> Result<(), PlanError> {
    if unit.mode == UnitMode::RunCustomBuild {
        return Ok(());
    }
    let own = unit.dependencies.iter().map(|dependency| &graph.units[dependency.index]);
    let scripts = own.filter(|on| on.mode == UnitMode::RunCustomBuild && on.pkg_id == unit.pkg_id);
    let names: Vec<_> = scripts.map(|on| format!("`{}`", on.target.name)).collect();
    if names.len() < 2 {
        return Ok(());
    }
    let reason = format!(
        "its package has several build scripts ({}), and a step has the results of one",
        names.join(", ")
    );
    let help = "make them modules of one build script: `build = \"build.rs\"`";
    Err(refuse(unit, reason, Some(help)))
}

/// Artifact dependencies: a program or a library of another package, wanted as a file.
fn artifacts(
    unit: &Unit,
    graph: &UnitGraph,
    packages: &BTreeMap<&str, &RawPackage>,
) -> Result<(), PlanError> {
    let package = packages.get(unit.pkg_id.as_str());
    let declared = |name: &str| {
        let dependencies = package.map(|package| package.dependencies.as_slice());
        let mut named = dependencies.unwrap_or_default().iter().filter(|d| d.name == name);
        named.any(|dependency| dependency.artifact.is_some())
    };
    for dependency in &unit.dependencies {
        let on = &graph.units[dependency.index];
        if on.pkg_id == unit.pkg_id {
            continue;
        }
        let is_bin = matches!(on.kind(), Ok(TargetKind::Bin));
        if is_bin || packages.get(on.pkg_id.as_str()).is_some_and(|on| declared(&on.name)) {
            let reason = format!(
                "it has an artifact dependency, {} (`artifact` in Cargo.toml), which no step of a plan can have",
                on.describe()
            );
            let help = "depend on its library; or build the program by a step of its own, and give its path by a variable of an override";
            return Err(refuse(unit, reason, Some(help)));
        }
    }
    Ok(())
}

/// A program whose file has another name, which a nightly Cargo allows.
fn file_name(
    unit: &Unit,
    workspace: &Workspace,
    packages: &BTreeMap<&str, &RawPackage>,
) -> Result<(), PlanError> {
    if !matches!(unit.kind(), Ok(TargetKind::Bin)) {
        return Ok(());
    }
    let package = packages.get(unit.pkg_id.as_str());
    let facts = package.and_then(|package| workspace.manifests.get(&package.manifest_path));
    let manifest = facts.and_then(|facts| facts.manifest.as_ref());
    let Some(name) = manifest.and_then(|manifest| manifest.file_name(&unit.target.name)) else {
        return Ok(());
    };
    let reason = format!("its file has another name (`filename = \"{name}\"` in Cargo.toml)");
    let help = "leave `filename` out, and rename the file where it is installed";
    Err(refuse(unit, reason, Some(help)))
}
