//! A step's environment, as Cargo sets it.
//!
//! Source: `fill_env`, `fill_rustc_tool_env`, `build_deps_args` and `build_work` of Cargo 1.95.
//! Left out is what only the builder knows: paths of tools, `NUM_JOBS`, `DEP_*`, and what build
//! scripts set.

use std::collections::BTreeMap;

use crate::model::{Edge, Package, Plan, Platform, StepId, StepKind, TargetKind};

use super::sandbox_paths;

/// Variables and their values.
pub type Env = BTreeMap<String, String>;

/// The environment of a step.
#[must_use]
pub fn of(plan: &Plan, id: StepId) -> Env {
    let step = plan.step(id);
    let package = plan.package(id);
    let mut env = of_package(package, plan.root_depth);
    match &step.kind {
        StepKind::Compile(compile) => {
            env.insert("CARGO_CRATE_NAME".to_owned(), compile.target.crate_name());
            if compile.target.is_executable() {
                env.insert("CARGO_BIN_NAME".to_owned(), compile.target.name.clone());
            }
            if compile.primary {
                env.insert("CARGO_PRIMARY_PACKAGE".to_owned(), "1".to_owned());
            }
            if matches!(compile.target.kind, TargetKind::Test | TargetKind::Bench) {
                env.insert("CARGO_TARGET_TMPDIR".to_owned(), sandbox_paths::TARGET_TMP.to_owned());
                env.extend(of_absent_bins(plan, id));
            }
            if plan.dependencies(id).any(|(edge, _)| *edge == Edge::ScriptOutput) {
                env.insert("OUT_DIR".to_owned(), sandbox_paths::out_dir(&step.package).to_string());
            }
        }
        StepKind::RunScript(run) => {
            env.extend(of_run(plan, id, package));
            let root = match run.profile_root {
                crate::model::step::ProfileRoot::Debug => "debug",
                crate::model::step::ProfileRoot::Release => "release",
            };
            env.insert("PROFILE".to_owned(), root.to_owned());
        }
    }
    for (name, value) in &plan.env {
        env.insert(name.clone(), value.clone());
    }
    env.extend(step.additions.env.clone());
    env
}

/// The bins of a test's package that are not built with it: Cargo names them all the same.
#[must_use]
pub fn absent_bins(plan: &Plan, id: StepId) -> Vec<&str> {
    let target = plan.step(id).compile().map(|compile| compile.target.kind);
    if !matches!(target, Some(TargetKind::Test | TargetKind::Bench)) {
        return Vec::new();
    }
    let built: Vec<&str> = plan
        .dependencies(id)
        .filter_map(|(edge, _)| match edge {
            Edge::BinExe { name } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let bins = plan.package(id).bins.iter().map(String::as_str);
    bins.filter(|bin| !built.contains(bin)).collect()
}

/// `CARGO_BIN_EXE_*` of bins that are not there: a path where nothing is, and under `check`, where
/// nothing is linked, Cargo's word for it.
fn of_absent_bins(plan: &Plan, id: StepId) -> Env {
    let step = plan.step(id);
    let is_check = step.compile().is_some_and(|compile| compile.mode.is_check());
    let value = |bin: &str| match is_check {
        true => format!("placeholder:{bin}"),
        false => format!("{}/{}/{bin}", sandbox_paths::TARGET, step.platform.group()),
    };
    let variable = |bin: &str| (format!("CARGO_BIN_EXE_{bin}"), value(bin));
    absent_bins(plan, id).into_iter().map(variable).collect()
}

/// What every step of a package has.
#[must_use]
pub fn of_package(package: &Package, depth: usize) -> Env {
    let about = &package.about;
    let version = &package.version;
    let place = sandbox_paths::package(package, depth);
    let authors = about.authors.join(":");
    [
        ("CARGO_MANIFEST_DIR", place.to_string()),
        ("CARGO_MANIFEST_PATH", place.join("Cargo.toml").to_string()),
        ("CARGO_PKG_NAME", package.name.clone()),
        ("CARGO_PKG_VERSION", version.to_string()),
        ("CARGO_PKG_VERSION_MAJOR", version.major.to_string()),
        ("CARGO_PKG_VERSION_MINOR", version.minor.to_string()),
        ("CARGO_PKG_VERSION_PATCH", version.patch.to_string()),
        ("CARGO_PKG_VERSION_PRE", version.pre.to_string()),
        ("CARGO_PKG_AUTHORS", authors),
        ("CARGO_PKG_DESCRIPTION", about.description.clone()),
        ("CARGO_PKG_HOMEPAGE", about.homepage.clone()),
        ("CARGO_PKG_LICENSE", about.license.clone()),
        ("CARGO_PKG_LICENSE_FILE", about.license_file.clone()),
        ("CARGO_PKG_README", about.readme.clone()),
        ("CARGO_PKG_REPOSITORY", about.repository.clone()),
        ("CARGO_PKG_RUST_VERSION", about.rust_version.clone()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// What the run of a build script has beside its package's.
fn of_run(plan: &Plan, id: StepId, package: &Package) -> Env {
    let step = plan.step(id);
    let mut env = Env::new();
    let mut set = |name: &str, value: String| env.insert(name.to_owned(), value);
    let host = plan.host.as_ref().map(ToString::to_string).unwrap_or_default();
    set("OUT_DIR", sandbox_paths::out_dir(&step.package).to_string());
    set("HOST", host.clone());
    set(
        "TARGET",
        match &step.platform {
            Platform::Host => host,
            Platform::Target(triple) => triple.to_string(),
        },
    );
    set("DEBUG", (step.profile.debuginfo != "0").to_string());
    set("OPT_LEVEL", step.profile.opt_level.clone());
    if let Some(links) = &package.links {
        set("CARGO_MANIFEST_LINKS", links.clone());
    }
    for feature in &step.features {
        set(&format!("CARGO_FEATURE_{}", envify(feature)), "1".to_owned());
    }
    set("CARGO_CFG_FEATURE", step.features.join(","));
    if step.profile.debug_assertions {
        set("CARGO_CFG_DEBUG_ASSERTIONS", String::new());
    }
    if let Some(facts) = plan.platforms.get(&step.platform) {
        for (name, value) in &facts.cfg_env {
            set(name, value.clone());
        }
        if let Some(linker) = &facts.linker {
            set("RUSTC_LINKER", linker.clone());
        }
        set("CARGO_ENCODED_RUSTFLAGS", facts.rustflags.join("\u{1f}"));
    }
    env
}

/// A name as it stands in an environment variable: upper-case, `-` as `_` (Cargo's `envify`).
#[must_use]
pub fn envify(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}
