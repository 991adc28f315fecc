//! rustc's command line for a step, in Cargo's order.
//!
//! Source: `build_base_args`, `build_deps_args` and `add_cap_lints` of Cargo 1.95. Left out are
//! the arguments that only serve Cargo itself (`--error-format`, `--json`), but for steps that are parts of one
//! run, which rustc has to tell when the metadata is written; and those that a build script decides: [`crate::effects`] adds these last, as Cargo does.

use crate::crates::Notes;
use crate::note::Crate;
use crate::package::DEPS;
use crate::step::{Compile, HOST, Part, Step};
use crate::target::{CrateType, Kind, Mode, codegen};

/// The value of `--emit`.
#[must_use]
pub fn emit(compile: &Compile) -> &'static str {
    let upstream = compile.mode.is_test()
        || !matches!(compile.kind, Kind::Lib | Kind::ProcMacro | Kind::Example)
        || compile.crate_types.iter().any(|kind| kind.requires_upstream_objects());
    let upstream = upstream && !compile.splits; // bootstrap
    if compile.mode.is_check() {
        "dep-info,metadata"
    } else if upstream {
        "dep-info,link"
    } else {
        "dep-info,metadata,link"
    }
}

/// The arguments after the program's name; `note` is the step's own, `out` the path of its output.
#[must_use]
pub fn rustc(
    step: &Step,
    compile: &Compile,
    note: &Crate,
    notes: &Notes,
    out: &str,
) -> Vec<String> {
    let package = &step.package;
    let is_test = compile.mode.is_test();
    let is_macro = compile.kind == Kind::ProcMacro;
    let mut args = vec!["--crate-name".to_owned(), compile.crate_name()];
    args.push(format!("--edition={}", compile.edition));
    args.push(compile.root_argument(package, step.root_depth));
    if compile.part != Part::Whole {
        // rustc counts `--json` among what makes the crate's hash, so both parts have it.
        args.extend(["--error-format=json".to_owned(), "--json=artifacts".to_owned()]);
    }
    if !is_test {
        for kind in &compile.crate_types {
            args.extend(["--crate-type".to_owned(), kind.as_str().to_owned()]);
        }
    }
    args.push(format!("--emit={}", emit(compile)));
    args.extend(compile.splits.then(|| "-Zembed-metadata=no".to_owned())); // bootstrap
    let foreign_dylib = !is_test && compile.makes(CrateType::Dylib) && !compile.primary;
    if is_macro || foreign_dylib {
        args.extend(codegen("prefer-dynamic"));
    }
    args.extend(step.profile.before_lto());
    args.extend(compile.lto.args());
    args.extend(step.profile.after_lto());
    args.extend(package.lints.iter().cloned());
    args.extend(step.profile.rustflags.iter().cloned());
    args.extend(step.profile.checks());
    if is_test && compile.harness {
        args.push("--test".to_owned());
        if step.profile.panic != crate::profile::Panic::Unwind {
            args.extend(["-Z".to_owned(), "panic-abort-tests".to_owned()]);
        }
    } else if is_test {
        args.extend(["--cfg".to_owned(), "test".to_owned()]);
    }
    args.extend(features(step));
    args.extend(codegen(&format!("metadata={}", note.id)));
    if compile.has_extra_filename(package) {
        args.extend(codegen(&format!("extra-filename=-{}", note.id)));
    }
    args.extend(step.profile.rpath());
    args.extend(["--out-dir".to_owned(), format!("{out}/{}", compile.directory())]);
    if step.group != HOST {
        args.extend(["--target".to_owned(), step.group.clone()]);
    }
    if let Some(linker) = &step.platform.linker {
        args.extend(codegen(&format!("linker={linker}")));
    }
    args.extend(step.profile.strip());
    args.extend(["-L".to_owned(), format!("dependency={DEPS}")]);
    args.extend(externs(compile, notes));
    if is_macro {
        args.extend(["--extern".to_owned(), "proc_macro".to_owned()]);
    }
    if !package.is_local() {
        args.extend(["--cap-lints".to_owned(), "allow".to_owned()]);
    }
    args.extend(step.platform.rustflags.iter().cloned());
    args.extend(step.added.rustflags.iter().cloned());
    let args = step.bootstrap.linked(&compile.crate_name(), args); // bootstrap
    args
}

/// The features that are on, and those that there are.
pub(crate) fn features(step: &Step) -> Vec<String> {
    let mut args = Vec::new();
    for feature in &step.features {
        args.extend(["--cfg".to_owned(), format!("feature=\"{feature}\"")]);
    }
    args.extend(["--check-cfg".to_owned(), "cfg(docsrs,test)".to_owned()]);
    let declared: Vec<String> = step.package.declares.iter().map(|f| format!("\"{f}\"")).collect();
    let declared = format!("cfg(feature, values({}))", declared.join(", "));
    args.extend(["--check-cfg".to_owned(), declared]);
    args
}

/// The `--extern` arguments, by name: rustc keeps them in a sorted table, whatever their order.
///
/// As with Cargo the `.rmeta` where steps are split and the crate is made of metadata; else the linkable
/// file, which is finished, and rustc reads the same metadata from either.
pub(crate) fn externs(compile: &Compile, notes: &Notes) -> Vec<String> {
    let mut externs: Vec<(&String, &String)> = compile.deps.iter().chain(&compile.macros).collect();
    externs.sort();
    let mut args = Vec::new();
    for (name, path) in externs {
        let name = name.split('#').next().unwrap_or(name);
        for file in notes.crates.get(path).into_iter().flat_map(|note| &note.links) {
            args.extend(["--extern".to_owned(), format!("{name}={DEPS}/{file}")]);
        }
    }
    // Options before a name (`priv:`) are rustc's to change; a name may be one of a namespace (`a::b`).
    let has_options = |name: &String| name.replace("::", "").contains(':');
    if compile.deps.keys().chain(compile.macros.keys()).any(has_options) {
        args.extend(["-Z".to_owned(), "unstable-options".to_owned()]);
    }
    args
}

/// The name under which rustc leaves a program, before it gets the one that users know.
#[must_use]
pub fn made_name(compile: &Compile, note: &Crate, step: &Step) -> String {
    match compile.has_extra_filename(&step.package) || compile.mode == Mode::Test {
        true => format!("{}-{}", compile.crate_name(), note.id),
        false => compile.crate_name(),
    }
}
