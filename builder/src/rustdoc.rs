//! rustdoc's command lines: the tests in documentation, and its pages.
//!
//! Source: `run_doc_tests`, `rustdoc` and `BuildRunner::compile` of Cargo 1.95.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::argv;
use crate::attempt::{Check, LACKS, Planned, attempt, make};
use crate::compile;
use crate::crates::{self, Notes};
use crate::failure::Failure;
use crate::here::Here;
use crate::library;
use crate::note::{self, Crate};
use crate::package::DEPS;
use crate::profile::Panic;
use crate::report::Call;
use crate::site;
use crate::step::{Compile, HOST, Step};
use crate::subject::{Programs, Subject};
use crate::target::{Kind, codegen};
use crate::test_run;

/// The call of `rustdoc --test`.
pub(crate) fn test_call(subject: &Subject<'_>, check: &Check, programs: &Programs<'_>) -> Call {
    called(subject, programs.rustdoc, test_args(subject, check))
}

/// The call of rustdoc for the pages of a crate.
pub(crate) fn page_call(subject: &Subject<'_>, programs: &Programs<'_>) -> Call {
    called(subject, programs.rustdoc, page_args(subject, programs.out))
}

/// The environment of rustdoc is not told what was asked for.
fn called(subject: &Subject<'_>, rustdoc: &str, args: Vec<String>) -> Call {
    let mut environment = subject.environment();
    environment.remove("CARGO_PRIMARY_PACKAGE");
    let directory = subject.step.working_directory().to_string_lossy().into_owned();
    let words = [rustdoc.to_owned()].into_iter().chain(args).collect();
    Call { words, directory, environment }
}

fn test_args(subject: &Subject<'_>, check: &Check) -> Vec<String> {
    let Subject { step, compile, notes, .. } = subject;
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
    for native in subject.natives() {
        args.extend(["-L".to_owned(), native]);
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
    let effects = subject.effects();
    let mut said = effects.args.chunks(2);
    while let Some([flag, value]) = said.next() {
        if matches!(flag.as_str(), "--cfg" | "--check-cfg" | "-C") {
            args.extend([flag.clone(), value.clone()]);
        }
    }
    args.extend(["--error-format".to_owned(), "human".to_owned()]);
    args
}

/// The arguments for pages, which go to `out`.
fn page_args(subject: &Subject<'_>, out: &str) -> Vec<String> {
    let Subject { step, compile, note, notes, .. } = subject;
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
    if compile.kind == Kind::Bin {
        // What is private is always told, so a link to it is as good as another.
        let private = ["--document-private-items", "-Arustdoc::private-intra-doc-links"];
        args.extend(private.map(str::to_owned));
    }
    args.extend(codegen(&format!("metadata={}", note.id)));
    let effects = subject.effects();
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
    let Ready { compile, notes, note } = ready(here, true)?;
    let scripts = compile::scripts(compile, &notes);
    let subject =
        Subject { step: &here.step, compile, note: &note, notes: &notes, scripts: &scripts };
    let directory = test_run::directory(&here.step.group, &check.directory);
    make(&directory)?;
    let library = library::path(here, &subject.natives(), &directory.to_string_lossy());
    let machine = BTreeMap::from([("LD_LIBRARY_PATH".to_owned(), library)]);
    let call = test_call(&subject, check, &programs(here, "")?);
    attempt(here, check, true, BTreeMap::new(), Planned { call, machine })?;
    Ok(())
}

/// Makes the pages of a crate.
pub(crate) fn document(here: &Here, check: &Check) -> Result<(), Failure> {
    let Ready { compile, notes, note } = ready(here, false)?;
    let scripts = compile::scripts(compile, &notes);
    let subject =
        Subject { step: &here.step, compile, note: &note, notes: &notes, scripts: &scripts };
    let out = here.out.join("doc");
    make(&out)?;
    // rustdoc links to the crates whose directories it finds beside that of its own crate.
    let beside: Vec<_> = check.pages.iter().map(|name| out.join(name)).collect();
    beside.iter().try_for_each(|directory| make(directory))?;
    let call = page_call(&subject, &programs(here, &out.to_string_lossy())?);
    let mut planned = Planned { call, machine: BTreeMap::new() };
    let parts = here.out.join("parts");
    if let Some(more) = site::to_parts(&here.tools.rustdoc, &parts) {
        make(&parts)?;
        planned.call.words.extend(more);
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

fn programs<'a>(here: &'a Here, out: &'a str) -> Result<Programs<'a>, Failure> {
    let rustdoc = &here.tools.rustdoc;
    if !Path::new(rustdoc).exists() {
        return Err(Failure::new(format!("{LACKS} rustdoc at {rustdoc}")).with(
            "`rustup component add rustc` has it; distributions have it in a package of rustc's.",
        ));
    }
    Ok(Programs { rustc: "", rustdoc, out })
}
