//! A step's environment, as Cargo sets it.
//!
//! Source: `fill_env`, `fill_rustc_tool_env`, `build_deps_args` and `build_work` of Cargo 1.95. What
//! counts more comes later: the `[env]` table of Cargo's configuration, which never takes the place of
//! what Cargo sets itself; Cargo's own variables; those that build scripts give; overrides. Left out is
//! what only a build knows: paths of tools, the number of threads.

use std::collections::BTreeMap;
use std::path::Path;

use crate::crates::Notes;
use crate::effects::{dep_env, envify};
use crate::package::{TARGET, TARGET_TMP};
use crate::step::{Action, Compile, Run, Step};
use crate::target::{CrateType, Kind};

/// What Cargo takes away from build scripts, also where `[env]` has it.
const TAKEN_FROM_SCRIPTS: [&str; 3] = ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "RUSTFLAGS"];

/// Variables and their values.
pub type Variables = BTreeMap<String, String>;

/// The environment of a step; `scripts` is what build scripts give it.
#[must_use]
pub fn of(step: &Step, notes: &Notes, scripts: Variables) -> Variables {
    let mut env = step.environment.clone();
    if matches!(step.action, Action::Run(_)) {
        env.retain(|name, _| !TAKEN_FROM_SCRIPTS.contains(&name.as_str()));
    }
    env.extend(of_package(step));
    match &step.action {
        Action::Compile(compile) => env.extend(of_compile(step, compile, notes)),
        Action::Run(run) => env.extend(of_run(step, run, notes)),
    }
    env.extend(scripts);
    env.extend(step.added.env.clone());
    env
}

/// What every step of a package has.
fn of_package(step: &Step) -> Variables {
    let package = &step.package;
    let place = package.place(step.root_depth);
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let plain = package.version.split('+').next().unwrap_or_default();
    let (numbers, pre) = plain.split_once('-').unwrap_or((plain, ""));
    let mut env = Variables::new();
    let mut set = |name: &str, value: String| env.insert(name.to_owned(), value);
    set("CARGO_MANIFEST_DIR", text(&place));
    set("CARGO_MANIFEST_PATH", text(&place.join("Cargo.toml")));
    set("CARGO_PKG_NAME", package.name.clone());
    set("CARGO_PKG_VERSION", package.version.clone());
    let mut numbers = numbers.split('.');
    for part in ["MAJOR", "MINOR", "PATCH"] {
        let number = numbers.next().unwrap_or_default();
        set(&format!("CARGO_PKG_VERSION_{part}"), number.to_owned());
    }
    set("CARGO_PKG_VERSION_PRE", pre.to_owned());
    for (name, value) in &package.about {
        set(&format!("CARGO_PKG_{name}"), value.clone());
    }
    env
}

fn of_compile(step: &Step, compile: &Compile, notes: &Notes) -> Variables {
    let mut env = Variables::new();
    let mut set = |name: String, value: String| env.insert(name, value);
    set("CARGO_CRATE_NAME".to_owned(), compile.crate_name());
    if compile.is_executable() {
        set("CARGO_BIN_NAME".to_owned(), compile.target.clone());
    }
    if compile.primary {
        set("CARGO_PRIMARY_PACKAGE".to_owned(), "1".to_owned());
    }
    if matches!(compile.kind, Kind::Test | Kind::Bench) {
        set("CARGO_TARGET_TMPDIR".to_owned(), TARGET_TMP.to_owned());
    }
    if let Some(run) = compile.script.as_ref().and_then(|path| notes.runs.get(path)) {
        set("OUT_DIR".to_owned(), run.out_dir.clone());
    }
    let program = |bin: &str| step.file_name(CrateType::Bin, bin).unwrap_or_default();
    for (bin, path) in &compile.bins {
        set(format!("CARGO_BIN_EXE_{bin}"), format!("{path}/bin/{}", program(bin)));
    }
    // Of programs that are not built with the test: a path where nothing is, and under `check`, where
    // nothing is linked, Cargo's word for it.
    for bin in &compile.absent_bins {
        let value = match compile.mode.is_check() {
            true => format!("placeholder:{bin}"),
            false => format!("{TARGET}/{}/{}", step.group, program(bin)),
        };
        set(format!("CARGO_BIN_EXE_{bin}"), value);
    }
    env
}

/// What the run of a build script has beside its package's.
fn of_run(step: &Step, run: &Run, notes: &Notes) -> Variables {
    let mut env = step.platform.cfgs.clone();
    let mut set = |name: &str, value: String| env.insert(name.to_owned(), value);
    set("OUT_DIR", step.out_dir().to_string_lossy().into_owned());
    set("HOST", step.host.clone());
    set("TARGET", step.triple().to_owned());
    set("DEBUG", (step.profile.debuginfo != "0").to_string());
    set("OPT_LEVEL", step.profile.opt_level.clone());
    set("PROFILE", step.profile.root.clone());
    if let Some(links) = &step.package.links {
        set("CARGO_MANIFEST_LINKS", links.clone());
    }
    for feature in &step.features {
        set(&format!("CARGO_FEATURE_{}", envify(feature)), "1".to_owned());
    }
    set("CARGO_CFG_FEATURE", step.features.join(","));
    if step.profile.debug_assertions {
        set("CARGO_CFG_DEBUG_ASSERTIONS", String::new());
    }
    if let Some(linker) = &step.platform.linker {
        set("RUSTC_LINKER", linker.clone());
    }
    set("CARGO_ENCODED_RUSTFLAGS", step.platform.rustflags.join("\u{1f}"));
    for (links, path) in &run.links {
        if let Some(note) = notes.runs.get(path) {
            env.extend(dep_env(links, &note.directives));
        }
    }
    env
}
