//! rustc's command line for a step, in Cargo's order.
//!
//! Source: `build_base_args`, `build_deps_args` and `add_cap_lints` of Cargo 1.95. Left out are
//! the arguments that only serve Cargo itself (`--error-format`, `--json`) and those that a build
//! script decides; the builder adds these last, as Cargo does. The rules stand in
//! `templates/lib/` once more.

use crate::model::profile::Panic;
use crate::model::step::{Compile, UnitLto};
use crate::model::{CrateType, Edge, Mode, Plan, Platform, Profile, StepId, TargetKind};

use super::sandbox_paths;

/// The text that stands for the step's output until Nix gives it a path.
pub const OUT: &str = "$out";

/// The arguments after the program's name.
///
/// Empty for the run of a build script.
#[must_use]
pub fn rustc(plan: &Plan, id: StepId) -> Vec<String> {
    let step = plan.step(id);
    let Some(compile) = step.compile() else { return Vec::new() };
    let package = plan.package(id);
    let target = &compile.target;
    let facts = plan.platforms.get(&step.platform);
    let test = compile.mode.is_test();

    let mut args = vec!["--crate-name".to_owned(), target.crate_name()];
    args.push(format!("--edition={}", target.edition));
    args.push(if package.in_workspace {
        let place = sandbox_paths::package(package, plan.root_depth).join(&target.root);
        let root = sandbox_paths::workspace(plan.root_depth);
        place.strip_prefix(&root).unwrap_or(&place).to_string()
    } else {
        sandbox_paths::package(package, plan.root_depth).join(&target.root).to_string()
    });
    if !test {
        for crate_type in &target.crate_types {
            args.extend(["--crate-type".to_owned(), crate_type.as_str().to_owned()]);
        }
    }
    args.push(format!("--emit={}", emit(compile)));
    let dylib = !test && target.crate_types.contains(&CrateType::Dylib);
    if target.kind == TargetKind::ProcMacro || (dylib && !compile.primary) {
        args.extend(codegen("prefer-dynamic"));
    }
    args.extend(before_lto(&step.profile));
    args.extend(lto(&compile.lto));
    args.extend(between(&step.profile));
    args.extend(package.lint_flags.iter().cloned());
    args.extend(step.profile.rustflags.iter().cloned());
    args.extend(checks(&step.profile));
    if test && target.harness {
        args.push("--test".to_owned());
        if step.profile.panic != Panic::Unwind {
            args.extend(["-Z".to_owned(), "panic-abort-tests".to_owned()]);
        }
    } else if test {
        args.extend(["--cfg".to_owned(), "test".to_owned()]);
    }
    for feature in &step.features {
        args.extend(["--cfg".to_owned(), format!("feature=\"{feature}\"")]);
    }
    args.extend(["--check-cfg".to_owned(), "cfg(docsrs,test)".to_owned()]);
    let quoted: Vec<_> = package.declared_features.iter().map(|f| format!("\"{f}\"")).collect();
    let declared = format!("cfg(feature, values({}))", quoted.join(", "));
    args.extend(["--check-cfg".to_owned(), declared]);
    args.extend(codegen(&format!("metadata={}", step.id)));
    if has_extra_filename(compile, package.source.is_local()) {
        args.extend(codegen(&format!("extra-filename=-{}", step.id)));
    }
    if step.profile.rpath {
        args.extend(codegen("rpath"));
    }
    args.extend(["--out-dir".to_owned(), format!("{OUT}/{}", out_dir(compile))]);
    if let Platform::Target(triple) = &step.platform {
        args.extend(["--target".to_owned(), triple.to_string()]);
    }
    if let Some(linker) = facts.and_then(|facts| facts.linker.as_ref()) {
        args.extend(codegen(&format!("linker={linker}")));
    }
    if let Some(strip) = &step.profile.strip {
        args.extend(codegen(&format!("strip={strip}")));
    }
    args.extend(["-L".to_owned(), format!("dependency={}", sandbox_paths::DEPS)]);
    args.extend(externs(plan, id));
    if target.kind == TargetKind::ProcMacro {
        args.extend(["--extern".to_owned(), "proc_macro".to_owned()]);
    }
    if !package.source.is_local() {
        args.extend(["--cap-lints".to_owned(), "allow".to_owned()]);
    }
    if let Some(facts) = facts {
        args.extend(facts.rustflags.iter().cloned());
    }
    args.extend(step.additions.rustflags.iter().cloned());
    args
}

fn codegen(option: &str) -> [String; 2] {
    ["-C".to_owned(), option.to_owned()]
}

/// Where below its output a step's files are: libraries in `lib`, programs in `bin`.
#[must_use]
pub fn out_dir(compile: &Compile) -> &'static str {
    let library = matches!(compile.target.kind, TargetKind::Lib | TargetKind::ProcMacro);
    if library && compile.mode != Mode::Test { "lib" } else { "bin" }
}

/// The value of `--emit`.
#[must_use]
pub fn emit(compile: &Compile) -> &'static str {
    let upstream = compile.mode.is_test()
        || !matches!(
            compile.target.kind,
            TargetKind::Lib | TargetKind::ProcMacro | TargetKind::Example
        )
        || compile.target.crate_types.iter().any(|kind| kind.requires_upstream_objects());
    if compile.mode.is_check() {
        "dep-info,metadata"
    } else if upstream {
        "dep-info,link"
    } else {
        "dep-info,metadata,link"
    }
}

/// The arguments of a profile, in Cargo's order but for what other facts stand between.
#[must_use]
pub fn profile(profile: &Profile) -> Vec<String> {
    let mut args = before_lto(profile);
    args.extend(between(profile));
    args.extend(profile.rustflags.iter().cloned());
    args.extend(checks(profile));
    if profile.rpath {
        args.extend(codegen("rpath"));
    }
    if let Some(strip) = &profile.strip {
        args.extend(codegen(&format!("strip={strip}")));
    }
    args
}

fn before_lto(profile: &Profile) -> Vec<String> {
    let mut args = Vec::new();
    if profile.opt_level != "0" {
        args.extend(codegen(&format!("opt-level={}", profile.opt_level)));
    }
    match profile.panic {
        Panic::Unwind => {}
        Panic::Abort => args.extend(codegen("panic=abort")),
        Panic::ImmediateAbort => {
            args.extend(codegen("panic=immediate-abort"));
            args.extend(["-Z".to_owned(), "unstable-options".to_owned()]);
        }
    }
    args
}

fn between(profile: &Profile) -> Vec<String> {
    let mut args = Vec::new();
    if let Some(units) = profile.codegen_units {
        args.extend(codegen(&format!("codegen-units={units}")));
    }
    if profile.debuginfo != "0" {
        args.extend(codegen(&format!("debuginfo={}", profile.debuginfo)));
        if let Some(split) = &profile.split_debuginfo {
            args.extend(codegen(&format!("split-debuginfo={split}")));
        }
    }
    args
}

/// `debug-assertions` and `overflow-checks`, only where they differ from what is implied.
fn checks(profile: &Profile) -> Vec<String> {
    let implied = profile.opt_level == "0";
    let mut args = Vec::new();
    let on = |on: bool| if on { "on" } else { "off" };
    if profile.debug_assertions != implied {
        args.extend(codegen(&format!("debug-assertions={}", on(profile.debug_assertions))));
    }
    if profile.overflow_checks != profile.debug_assertions {
        args.extend(codegen(&format!("overflow-checks={}", on(profile.overflow_checks))));
    }
    args
}

/// The arguments of a unit's part in LTO.
#[must_use]
pub fn lto(lto: &UnitLto) -> Vec<String> {
    match lto {
        UnitLto::Run(None) => codegen("lto").to_vec(),
        UnitLto::Run(Some(kind)) => codegen(&format!("lto={kind}")).to_vec(),
        UnitLto::Off => [codegen("lto=off"), codegen("embed-bitcode=no")].concat(),
        UnitLto::ObjectAndBitcode => Vec::new(),
        UnitLto::OnlyBitcode => codegen("linker-plugin-lto").to_vec(),
        UnitLto::OnlyObject => codegen("embed-bitcode=no").to_vec(),
    }
}

/// Whether the file name carries the identity: all but dynamic libraries of path packages, whose
/// names are written into programs (`use_extra_filename` of Cargo 1.95).
#[must_use]
pub fn has_extra_filename(compile: &Compile, local: bool) -> bool {
    let dynamic = compile.target.kind == TargetKind::Lib
        && compile
            .target
            .crate_types
            .iter()
            .any(|kind| matches!(kind, CrateType::Dylib | CrateType::Cdylib));
    matches!(compile.mode, Mode::Test | Mode::Check | Mode::CheckTest) || !(dynamic && local)
}

/// The `--extern` arguments, by name: rustc keeps them in a sorted table, whatever their order.
fn externs(plan: &Plan, id: StepId) -> Vec<String> {
    let mut dependencies: Vec<(&str, StepId)> = plan
        .dependencies(id)
        .filter_map(|(edge, dependency)| match edge {
            Edge::Extern { name, .. } => Some((name.as_str(), dependency)),
            _ => None,
        })
        .collect();
    dependencies.sort_by_key(|(name, _)| *name);
    let mut args = Vec::new();
    for (name, dependency) in dependencies {
        for file in link_files(plan, dependency) {
            args.extend(["--extern".to_owned(), format!("{name}={}/{file}", sandbox_paths::DEPS)]);
        }
    }
    args
}

/// The files of a library step that another crate links.
///
/// Always the linkable file: where Cargo passes the `.rmeta` of a dependency that is still being
/// compiled, ours is finished, and rustc reads the same metadata from either.
#[must_use]
pub fn link_files(plan: &Plan, id: StepId) -> Vec<String> {
    let step = plan.step(id);
    let Some(compile) = step.compile() else { return Vec::new() };
    let mut name = compile.target.crate_name();
    if has_extra_filename(compile, plan.package(id).source.is_local()) {
        name.push_str(&format!("-{}", step.id));
    }
    if compile.mode.is_check() {
        return vec![format!("lib{name}.rmeta")];
    }
    let types = compile.target.crate_types.iter().filter(|kind| kind.is_linkable());
    types.filter_map(|kind| plan.file_name(id, *kind, &name)).collect()
}
