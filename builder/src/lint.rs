//! clippy and rustfmt over a package's code.

use std::collections::BTreeMap;
use std::path::Path;

use crate::argv;
use crate::attempt::{Check, Planned, attempt, make};
use crate::compile;
use crate::crates;
use crate::effects;
use crate::environment;
use crate::failure::Failure;
use crate::here::{Here, TMP};
use crate::note;
use crate::sources;
use crate::test_run;

/// What cargo-clippy puts between the arguments that it hands on.
const BETWEEN: &str = "__CLIPPY_HACKERY__";

/// Lints a crate: rustc's own call, made by clippy-driver, which is given rustc's name first.
pub(crate) fn clippy(here: &Here, check: &Check) -> Result<(), Failure> {
    let step = &here.step;
    let driver = tool(&check.tool, "clippy-driver", "clippy")?;
    let compile = test_run::of(here)?;
    let notes = compile::read_notes(compile)?;
    let made = Path::new(TMP).join("clippy");
    let out = made.to_string_lossy().into_owned();
    make(&made.join(compile.directory()))?;
    let note = crates::note(step, compile, &notes, &out, note::Run::speaks_of_linking);
    compile::place(here, compile, &note, &notes)?;
    compile::link_crates(&crates::below(compile, &notes))?;
    let scripts = compile::scripts(compile, &notes);
    let effects = effects::effects(&effects::Unit::of(step, compile), &scripts);
    let rustc = here.tools.rustc.to_string_lossy().into_owned();
    let mut words = vec![driver, rustc];
    words.extend(argv::rustc(step, compile, &note, &notes, &out));
    words.extend(effects.args);
    words.extend(["--error-format=json".to_owned(), "--json=diagnostic-rendered-ansi".to_owned()]);
    let args: String = check.args.iter().map(|arg| format!("{arg}{BETWEEN}")).collect();
    let mut environment = environment::of(step, &notes, effects.env);
    environment.insert("CLIPPY_ARGS".to_owned(), args);
    let directory = step.working_directory();
    let planned = Planned { words, directory, environment, machine: BTreeMap::new() };
    attempt(here, check, false, BTreeMap::new(), planned)?;
    Ok(())
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
    let (directory, environment) = (step.working_directory(), BTreeMap::new());
    let planned = Planned { words, directory, environment, machine: BTreeMap::new() };
    attempt(here, check, false, BTreeMap::new(), planned)?;
    Ok(())
}

fn tool(path: &str, name: &str, component: &str) -> Result<String, Failure> {
    if Path::new(path).exists() {
        return Ok(path.to_owned());
    }
    Err(Failure::new(format!("the toolchain has no {name} at {path}")).with(format!(
        "`rustup component add {component}`, or your distribution's package, has it."
    )))
}
