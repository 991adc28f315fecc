//! clippy and rustfmt over a package's code.

use std::collections::BTreeMap;
use std::path::Path;

use crate::argv;
use crate::attempt::{Check, LACKS, Planned, attempt, make};
use crate::compile;
use crate::crates;
use crate::failure::Failure;
use crate::here::{Here, TMP};
use crate::note;
use crate::report::Call;
use crate::sources;
use crate::subject::{Programs, Subject};
use crate::test_run;

/// What cargo-clippy puts between the arguments that it hands on.
const BETWEEN: &str = "__CLIPPY_HACKERY__";

/// Lints a crate: rustc's own call, made by clippy-driver, which is given rustc's name first.
pub(crate) fn clippy(here: &Here, check: &Check) -> Result<(), Failure> {
    let step = &here.step;
    tool(&check.tool, "clippy-driver", "clippy")?;
    let compile = test_run::of(here)?;
    let notes = compile::read_notes(compile)?;
    let made = Path::new(TMP).join("clippy");
    let out = made.to_string_lossy().into_owned();
    make(&made.join(compile.directory()))?;
    let note = crates::note(step, compile, &notes, &out, note::Run::speaks_of_linking);
    compile::place(here, compile, &note, &notes)?;
    compile::link_crates(&crates::below(compile, &notes))?;
    let scripts = compile::scripts(compile, &notes);
    let subject = Subject { step, compile, note: &note, notes: &notes, scripts: &scripts };
    let rustc = here.tools.rustc.to_string_lossy();
    let mut call = call(&subject, check, &Programs { rustc: &rustc, rustdoc: "", out: &out });
    let how = ["--error-format=json", "--json=diagnostic-rendered-ansi"];
    call.words.extend(how.map(str::to_owned));
    let planned = Planned { call, machine: BTreeMap::new() };
    attempt(here, check, false, BTreeMap::new(), planned)?;
    Ok(())
}

/// The call of clippy-driver, but for how it is to speak.
pub(crate) fn call(subject: &Subject<'_>, check: &Check, programs: &Programs<'_>) -> Call {
    let Subject { step, compile, note, notes, .. } = subject;
    let mut words = vec![check.tool.clone(), programs.rustc.to_owned()];
    words.extend(argv::rustc(step, compile, note, notes, programs.out));
    words.extend(subject.effects().args);
    let args: String = check.args.iter().map(|arg| format!("{arg}{BETWEEN}")).collect();
    let mut environment = subject.environment();
    environment.insert("CLIPPY_ARGS".to_owned(), args);
    let directory = step.working_directory().to_string_lossy().into_owned();
    Call { words, directory, environment }
}

/// Asks rustfmt whether a crate's code is formatted, as `cargo fmt --check` does for a crate's root.
pub(crate) fn format(here: &Here, check: &Check) -> Result<(), Failure> {
    let step = &here.step;
    let rustfmt = tool(&check.tool, "rustfmt", "rustfmt")?;
    let compile = test_run::of(here)?;
    let all = step.placed().collect();
    sources::place(all, &here.search_path())?;
    let place = step.package.place(step.root_depth);
    let mut words =
        vec![rustfmt, "--edition".to_owned(), compile.edition.clone(), "--check".to_owned()];
    words.extend(check.args.iter().cloned());
    words.push(place.join(&compile.root).to_string_lossy().into_owned());
    let directory = step.working_directory().to_string_lossy().into_owned();
    let call = Call { words, directory, environment: BTreeMap::new() };
    let planned = Planned { call, machine: BTreeMap::new() };
    attempt(here, check, false, BTreeMap::new(), planned)?;
    Ok(())
}

fn tool(path: &str, name: &str, component: &str) -> Result<String, Failure> {
    if Path::new(path).exists() {
        return Ok(path.to_owned());
    }
    Err(Failure::new(format!("{LACKS} {name} at {path}")).with(format!(
        "`rustup component add {component}`, or your distribution's package, has it."
    )))
}
