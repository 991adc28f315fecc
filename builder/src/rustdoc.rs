//! rustdoc's command lines: the tests in documentation, and its pages.
//!
//! Source: `run_doc_tests`, `rustdoc` and `BuildRunner::compile` of Cargo 1.95.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::argv;
use crate::attempt::{Check, Planned, attempt, make};
use crate::compile;
use crate::crates::{self, Notes};
use crate::effects::{self, Effects};
use crate::environment::{self, Variables};
use crate::failure::Failure;
use crate::here::Here;
use crate::library;
use crate::note::{self, Crate};
use crate::package::DEPS;
use crate::profile::Panic;
use crate::site;
use crate::step::{Compile, HOST, Step};
use crate::target::{Kind, codegen};
use crate::test_run;

/// The arguments of `rustdoc --test`.
#[must_use]
pub fn test_args(
    step: &Step,
    compile: &Compile,
    notes: &Notes,
    effects: &Effects,
    natives: &[String],
    check: &Check,
) -> Vec<String> {
    let package = &step.package;
    let mut args = beginning(compile);
    args.extend(["--color", "auto", "--crate-name"].map(str::to_owned));
    args.extend([compile.crate_name(), "--test".to_owned()]);
    args.push(compile.root_argument(package, step.root_depth));
    args.push("--test-run-directory".to_owned());
    args.push(package.place(step.root_depth).to_string_lossy().into_owned());
    args.extend(target(step));
    if let Some((program, rest)) = check.runner.split_first() {
        args.extend(["--test-runtool".to_owned(), program.clone()]);
        for arg in rest {
            args.extend(["--test-runtool-arg".to_owned(), arg.clone()]);
        }
    }
    if let Some(linker) = &step.platform.linker {
        args.extend(codegen(&format!("linker={linker}")));
    }
    match step.profile.panic {
        Panic::Unwind => {}
        Panic::Abort => args.extend(codegen("panic=abort")),
        Panic::ImmediateAbort => args.extend(codegen("panic=immediate-abort")),
    }
    for native in natives {
        args.extend(["-L".to_owned(), native.clone()]);
    }
    for pattern in &check.skip {
        args.extend(["--test-args", "--skip", "--test-args"].map(str::to_owned));
        args.push(pattern.clone());
    }
    for arg in &check.args {
        args.extend(["--test-args".to_owned(), arg.clone()]);
    }
    args.extend(package.lints.iter().cloned());
    args.extend(externs(compile, notes));
    args.extend(["-L".to_owned(), format!("dependency={DEPS}")]);
    args.extend(compile.lto.args());
    args.extend(argv::features(step));
    // What scripts say of libraries is for the linker of the crate itself.
    let mut said = effects.args.chunks(2);
    while let Some([flag, value]) = said.next() {
        if matches!(flag.as_str(), "--cfg" | "--check-cfg" | "-C") {
            args.extend([flag.clone(), value.clone()]);
        }
    }
    args.extend(["--error-format".to_owned(), "human".to_owned()]);
    args
}

/// The arguments of rustdoc for the pages of a crate, which it leaves in `out`.
#[must_use]
pub fn page_args(
    step: &Step,
    compile: &Compile,
    note: &Crate,
    notes: &Notes,
    effects: &Effects,
    out: &str,
) -> Vec<String> {
    let package = &step.package;
    let mut args = beginning(compile);
    args.extend(["--crate-name".to_owned(), compile.crate_name()]);
    args.push(compile.root_argument(package, step.root_depth));
    if !package.is_local() {
        args.extend(["--cap-lints".to_owned(), "allow".to_owned()]);
    }
    args.extend(target(step));
    args.extend(["-o".to_owned(), out.to_owned()]);
    args.extend(argv::features(step));
    args.extend(package.lints.iter().cloned());
    if matches!(compile.kind, Kind::Bin | Kind::Example) {
        args.push("--document-private-items".to_owned());
    }
    args.extend(codegen(&format!("metadata={}", note.id)));
    let mut said = effects.args.chunks(2);
    while let Some([flag, value]) = said.next() {
        if matches!(flag.as_str(), "--cfg" | "--check-cfg") {
            args.extend([flag.clone(), value.clone()]);
        }
    }
    args.extend(["-L".to_owned(), format!("dependency={DEPS}")]);
    args.extend(externs(compile, notes));
    args.extend(["--crate-version".to_owned(), package.version.clone()]);
    args
}

fn beginning(compile: &Compile) -> Vec<String> {
    let mut args = vec![format!("--edition={}", compile.edition)];
    for kind in &compile.crate_types {
        args.extend(["--crate-type".to_owned(), kind.as_str().to_owned()]);
    }
    args
}

/// A macro's code knows the compiler's own crate, too (`extern_args` of Cargo 1.95).
fn externs(compile: &Compile, notes: &Notes) -> Vec<String> {
    let mut args = argv::externs(compile, notes);
    if compile.kind == Kind::ProcMacro {
        args.extend(["--extern".to_owned(), "proc_macro".to_owned()]);
    }
    args
}

fn target(step: &Step) -> Vec<String> {
    if step.group == HOST { Vec::new() } else { vec!["--target".to_owned(), step.group.clone()] }
}

/// The environment of rustdoc, which is not told what was asked for.
fn variables(here: &Here, notes: &Notes, scripts: Variables) -> Variables {
    let mut environment = environment::of(&here.step, notes, scripts);
    environment.remove("CARGO_PRIMARY_PACKAGE");
    environment
}

/// A crate at its place, with all that rustdoc needs of others.
struct Ready<'a> {
    compile: &'a Compile,
    notes: Notes,
    note: Crate,
}

fn ready(here: &Here, baked: bool) -> Result<Ready<'_>, Failure> {
    let compile = test_run::of(here)?;
    let notes = compile::read_notes(compile)?;
    let mut note =
        crates::note(&here.step, compile, &notes, &here.out_text(), note::Run::speaks_of_linking);
    if baked {
        note.macros_baked.extend(note.baked.clone());
    }
    compile::place(here, compile, &note, &notes)?;
    compile::link_crates(&crates::below(compile, &notes))?;
    Ok(Ready { compile, notes, note })
}

/// Runs the tests in a crate's documentation.
pub(crate) fn test(here: &Here, check: &Check) -> Result<(), Failure> {
    let Ready { compile, notes, .. } = ready(here, true)?;
    let scripts = compile::scripts(compile, &notes);
    let effects = effects::effects(&effects::Unit::of(&here.step, compile), &scripts);
    let natives = library::natives(&scripts);
    let args = test_args(&here.step, compile, &notes, &effects, &natives, check);
    let directory = test_run::directory(&here.step.group, &check.directory);
    make(&directory)?;
    let library = library::path(here, &natives, &directory.to_string_lossy());
    let machine = BTreeMap::from([("LD_LIBRARY_PATH".to_owned(), library)]);
    let planned = planned(here, args, variables(here, &notes, effects.env), machine)?;
    attempt(here, check, true, BTreeMap::new(), planned)?;
    Ok(())
}

/// Makes the pages of a crate.
pub(crate) fn document(here: &Here, check: &Check) -> Result<(), Failure> {
    let Ready { compile, notes, note } = ready(here, false)?;
    let scripts = compile::scripts(compile, &notes);
    let effects = effects::effects(&effects::Unit::of(&here.step, compile), &scripts);
    let out = here.out.join("doc");
    make(&out)?;
    // rustdoc links to the crates whose directories it finds beside that of its own crate.
    let beside: Vec<_> = check.pages.iter().map(|name| out.join(name)).collect();
    beside.iter().try_for_each(|directory| make(directory))?;
    let args = page_args(&here.step, compile, &note, &notes, &effects, &out.to_string_lossy());
    let environment = variables(here, &notes, effects.env);
    let mut planned = planned(here, args, environment, BTreeMap::new())?;
    let parts = here.out.join("parts");
    if let Some(more) = site::to_parts(&here.tools.rustdoc, &parts) {
        make(&parts)?;
        planned.words.extend(more);
        planned.machine.insert(site::UNLOCK.0.to_owned(), site::UNLOCK.1.to_owned());
    }
    attempt(here, check, false, BTreeMap::new(), planned)?;
    for directory in beside {
        // Only those that stayed empty go.
        let _ = fs::remove_dir(directory);
    }
    let _ = fs::remove_file(out.join(".lock"));
    Ok(())
}

fn planned(
    here: &Here,
    args: Vec<String>,
    environment: Variables,
    machine: BTreeMap<String, String>,
) -> Result<Planned, Failure> {
    let rustdoc = &here.tools.rustdoc;
    if !Path::new(rustdoc).exists() {
        return Err(Failure::new(format!("the toolchain has no rustdoc at {rustdoc}")).with(
            "`rustup component add rustc` has it; distributions have it in a package of rustc's.",
        ));
    }
    let mut words = vec![rustdoc.clone()];
    words.extend(args);
    Ok(Planned { words, directory: here.step.working_directory(), environment, machine })
}
