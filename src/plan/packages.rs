//! Packages of a plan: facts and sources, without a path or host of the planning machine.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::error::PlanError;
use super::names;
use crate::cargo::git_source::GitSource;
use crate::cargo::metadata::{RawPackage, RawTarget};
use crate::cargo::{Workspace, files, registry, unpacked};
use crate::model::package::About;
use crate::model::{Package, PackageKey, Source, TargetKind};
use crate::nix::digest;

/// The packages that units name, by Cargo's id.
#[derive(Debug)]
pub struct Packages<'a> {
    /// Cargo's own record.
    pub raw: BTreeMap<&'a str, &'a RawPackage>,
    /// Our name for each.
    pub keys: BTreeMap<&'a str, PackageKey>,
    /// The facts.
    pub facts: BTreeMap<PackageKey, Package>,
    /// How many levels above the workspace root the source tree starts.
    pub root_depth: usize,
}

/// Collects the packages of all units of `workspace`.
///
/// # Errors
/// [`PlanError`] for a package that metadata does not know or whose source cannot be given to Nix.
pub fn collect(workspace: &Workspace) -> Result<Packages<'_>, PlanError> {
    let known: BTreeMap<&str, &RawPackage> =
        workspace.metadata.packages.iter().map(|p| (p.id.as_str(), p)).collect();
    // Of all machines, so that a package's name is the same in each one's plan.
    let mut raw = BTreeMap::new();
    for id in workspace.used.iter() {
        let package = known.get(id.as_str());
        raw.insert(id.as_str(), *package.ok_or_else(|| PlanError::UnknownPackage(id.clone()))?);
    }
    let mut facts = Vec::new();
    for (id, package) in &raw {
        facts.push((*id, package_facts(workspace, package)?));
    }
    let keys = keys(&facts);
    let root_depth = facts.iter().map(|(_, package)| depth(package)).max().unwrap_or(0);
    let facts = facts.into_iter().map(|(id, package)| (keys[id].clone(), package)).collect();
    Ok(Packages { raw, keys, facts, root_depth })
}

/// `name-version`; where two sources have the same, all but the nearest (path, default registry,
/// other registries, git) get a few digits of their source's identity.
fn keys<'a>(facts: &[(&'a str, Package)]) -> BTreeMap<&'a str, PackageKey> {
    let mut by_name: BTreeMap<String, Vec<(u8, String, &str)>> = BTreeMap::new();
    for (id, package) in facts {
        let rank = match &package.source {
            Source::Path { .. } => 0,
            Source::Registry { registry, .. } if registry == DEFAULT_REGISTRY => 1,
            Source::Vendor { .. } => 1,
            Source::Registry { .. } => 2,
            Source::Git { .. } => 3,
        };
        let name = format!("{}-{}", package.name, package.version);
        by_name.entry(name).or_default().push((rank, package.source.identity(), id));
    }
    let mut keys = BTreeMap::new();
    for (name, mut entries) in by_name {
        entries.sort();
        for (place, (_, identity, id)) in entries.into_iter().enumerate() {
            let key = match place {
                0 => name.clone(),
                _ => names::told_apart(&name, &digest::short(&identity)),
            };
            keys.insert(id, PackageKey::new(key));
        }
    }
    keys
}

/// How many `..` lead from the workspace root to the package or to what it reads.
fn depth(package: &Package) -> usize {
    let ups = |path: &Utf8Path| path.components().take_while(|c| c.as_str() == "..").count();
    let dir = match &package.source {
        Source::Path { dir } | Source::Vendor { dir } => ups(dir),
        _ => 0,
    };
    let files = package.files.iter().flat_map(|files| {
        let named = [&files.also, &files.tests_also, &files.script, &files.script_also];
        named.into_iter().flatten()
    });
    files.map(|path| ups(path)).max().unwrap_or(0).max(dir)
}

fn package_facts(workspace: &Workspace, package: &RawPackage) -> Result<Package, PlanError> {
    let dir = package.manifest_path.parent().unwrap_or(&package.manifest_path);
    let source = source(workspace, package, dir)?;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let manifest = workspace.manifests.get(&package.manifest_path);
    let lint_flags = manifest.map(|facts| facts.lint_flags.clone()).unwrap_or_default();
    let declared = package.features.keys().cloned().collect();
    let is = |kind: TargetKind| move |target: &&RawTarget| target.kind() == Some(kind);
    let bins = package.targets.iter().filter(is(TargetKind::Bin));
    let mut bins: Vec<String> = bins.map(|target| target.name.clone()).collect();
    bins.sort();
    let script_targets = script_targets(package);
    Ok(Package {
        name: package.name.clone(),
        version: package.version.clone(),
        about: About {
            authors: package.authors.clone(),
            description: text(&package.description),
            homepage: text(&package.homepage),
            license: text(&package.license),
            license_file: text(&package.license_file),
            readme: text(&package.readme),
            repository: text(&package.repository),
            rust_version: text(&package.rust_version),
        },
        links: package.links.clone(),
        declared_features: declared,
        lint_flags,
        in_workspace: source.is_local() && dir.starts_with(&workspace.root),
        has_lib: package
            .targets
            .iter()
            .any(|target| matches!(target.kind(), Some(TargetKind::Lib | TargetKind::ProcMacro))),
        bins,
        script_targets,
        default_run: package.default_run.clone(),
        files: source
            .is_local()
            .then(|| workspace.files.packages.get(dir).cloned().unwrap_or_default()),
        source,
    })
}

/// What the package's build script may name link arguments for, in the builder's words
/// (`LinkArgTarget` of Cargo 1.95): nothing where it has no script.
fn script_targets(package: &RawPackage) -> Vec<String> {
    let mut found = BTreeSet::new();
    for target in &package.targets {
        match target.kind() {
            Some(TargetKind::Bin) => drop(found.insert(format!("bin {}", target.name))),
            Some(TargetKind::Test) => drop(found.insert("test".to_owned())),
            Some(TargetKind::Bench) => drop(found.insert("bench".to_owned())),
            Some(TargetKind::Example) => drop(found.insert("example".to_owned())),
            Some(TargetKind::Lib) if target.kind.iter().any(|kind| kind == "cdylib") => {
                found.insert("cdylib".to_owned());
            }
            _ => {}
        }
    }
    let is_script = |target: &RawTarget| target.kind() == Some(TargetKind::CustomBuild);
    match package.targets.iter().any(is_script) {
        true => found.into_iter().collect(),
        false => Vec::new(),
    }
}

pub use crate::model::source::DEFAULT_REGISTRY;

fn source(
    workspace: &Workspace,
    package: &RawPackage,
    dir: &Utf8Path,
) -> Result<Source, PlanError> {
    let name = format!("{} {}", package.name, package.version);
    let error = |reason: String, help: Option<&str>| PlanError::Source {
        package: name.clone(),
        reason,
        help: help.map(str::to_owned),
    };
    let Some(raw) = &package.source else {
        return Ok(Source::Path { dir: files::relative(&workspace.root, dir) });
    };
    let raw = raw.as_str();
    // A replaced source (`[source.*] replace-with`) shows in where Cargo found the manifest.
    if dir.starts_with(&workspace.root) && dir != workspace.root {
        return Ok(Source::Vendor { dir: files::relative(&workspace.root, dir) });
    }
    let version = package.version.to_string();
    let locked = workspace.lock.find(&package.name, &version, raw).ok_or_else(|| {
        error(
            "Cargo.lock has no entry for it".to_owned(),
            Some("run `cargo generate-lockfile` and commit Cargo.lock"),
        )
    })?;
    if raw.starts_with("git+") {
        let git = GitSource::parse(raw);
        let rev = locked.rev.clone().or_else(|| git.commit.map(str::to_owned));
        let rev = rev.ok_or_else(|| {
            error("Cargo.lock has no commit for it".to_owned(), Some("run `cargo update` for it"))
        })?;
        return Ok(git_source(&git, &rev, dir));
    }
    let registry = registry::name(&workspace.settings.registries, raw);
    let sha256 = locked.checksum.clone().ok_or_else(|| {
        error(
            "Cargo.lock has no checksum for it".to_owned(),
            Some("an older lock format may lack them: run `cargo generate-lockfile`, or vendor the package"),
        )
    })?;
    Ok(Source::Registry { registry, sha256 })
}

fn git_source(git: &GitSource<'_>, rev: &str, dir: &Utf8Path) -> Source {
    let reference = git.reference.and_then(|(kind, name)| match kind {
        "branch" => Some(format!("refs/heads/{name}")),
        "tag" => Some(format!("refs/tags/{name}")),
        // A rev that is a ref (`refs/pull/1/head`) must be fetched by that name.
        _ => name.starts_with("refs/").then(|| name.to_owned()),
    });
    let checkout = unpacked::checkout(dir);
    Source::Git {
        url: git.url.to_owned(),
        rev: rev.to_owned(),
        reference,
        submodules: checkout.join(".gitmodules").is_file(),
        subdir: dir.strip_prefix(checkout).unwrap_or(dir).to_owned(),
    }
}
