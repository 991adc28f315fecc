//! Running a test program, as Cargo runs it: in its package's directory, from the place where Cargo
//! leaves it, with the programs of its package beside it.
//!
//! Source: `cargo_test.rs` and `Compilation::target_process` of Cargo 1.95. Left out of the
//! environment is what Cargo sets for the compiler alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::attempt::{Check, Planned, attempt, command, make};
use crate::compile;
use crate::coverage;
use crate::crates;
use crate::failure::Failure;
use crate::here::Here;
use crate::library;
use crate::note;
use crate::package::{TARGET, workspace};
use crate::report::Call;
use crate::sources;
use crate::step::{Action, Compile, HOST, Step};
use crate::subject::Subject;
use crate::target::CrateType;

/// What only the compiler sees.
const OF_THE_COMPILER: [&str; 4] =
    ["CARGO_CRATE_NAME", "CARGO_BIN_NAME", "CARGO_PRIMARY_PACKAGE", "CARGO_TARGET_TMPDIR"];

pub(crate) fn run(here: &Here, check: &Check) -> Result<(), Failure> {
    let step = &here.step;
    let compile = of(here)?;
    let notes = compile::read_notes(compile)?;
    let mut note =
        crates::note(step, compile, &notes, &here.out_text(), note::Run::speaks_of_linking);
    // What the program may look for when it runs has to be there.
    note.macros_baked.extend(note.baked.clone());
    compile::place(here, compile, &note, &notes)?;
    compile::link_crates(&crates::below(compile, &notes))?;

    let scripts = compile::scripts(compile, &notes);
    let subject = Subject { step, compile, note: &note, notes: &notes, scripts: &scripts };
    let directory = directory(&step.group, &check.directory);
    make(&directory.join("deps"))?;
    make(Path::new(crate::package::TARGET_TMP))?;
    for (bin, path) in &compile.bins {
        let file = named(step, bin);
        copy(&Path::new(path).join("bin").join(&file), &directory.join(&file))?;
    }
    let program = check.program.as_deref().unwrap_or_default();
    let made = Path::new(program).join("bin").join(named(step, &compile.target));
    copy(&made, &place(&subject, check))?;
    let call = call(&subject, check);

    let mut machine = BTreeMap::from([(
        "LD_LIBRARY_PATH".to_owned(),
        library::path(here, &subject.natives(), &directory.to_string_lossy()),
    )]);
    // Snapshots are compared, never written; insta asks Cargo for the workspace where it is not told.
    let root = workspace(step.root_depth).to_string_lossy().into_owned();
    for (name, value) in [("INSTA_WORKSPACE_ROOT", root.as_str()), ("INSTA_UPDATE", "no")] {
        if !call.environment.contains_key(name) {
            machine.insert(name.to_owned(), value.to_owned());
        }
    }
    if check.coverage {
        let profiles = here.out.join(coverage::PROFILES);
        make(&profiles)?;
        let pattern = profiles.join(coverage::PATTERN).to_string_lossy().into_owned();
        machine.insert(coverage::VARIABLE.to_owned(), pattern);
    }
    let planned = Planned { call, machine };
    let skipped = skips(here, check, compile, &planned)?;
    let planned = match check.partition {
        Some(partition) => only(here, planned, partition)?,
        None => planned,
    };
    attempt(here, check, compile.harness, skipped, planned)?;
    Ok(())
}

/// How a test program is called: from the place where Cargo leaves it, in its package's directory.
pub(crate) fn call(subject: &Subject<'_>, check: &Check) -> Call {
    let Subject { step, compile, .. } = subject;
    let mut environment = subject.environment();
    for name in OF_THE_COMPILER {
        environment.remove(name);
    }
    let directory = directory(&step.group, &check.directory);
    for bin in compile.bins.keys() {
        let place = directory.join(named(step, bin)).to_string_lossy().into_owned();
        environment.insert(format!("CARGO_BIN_EXE_{bin}"), place);
    }
    let mut words = check.runner.clone();
    words.push(place(subject, check).to_string_lossy().into_owned());
    for pattern in check.skip.iter().filter(|_| compile.harness) {
        words.extend(["--skip".to_owned(), pattern.clone()]);
    }
    words.extend(check.args.iter().cloned());
    if check.action == "bench" {
        words.push("--bench".to_owned());
    }
    let directory = step.package.place(step.root_depth).to_string_lossy().into_owned();
    Call { words, directory, environment }
}

/// Where Cargo leaves a test program.
fn place(subject: &Subject<'_>, check: &Check) -> PathBuf {
    let Subject { step, compile, note, .. } = subject;
    let name = named(step, &format!("{}-{}", compile.crate_name(), note.id));
    directory(&step.group, &check.directory).join("deps").join(name)
}

/// The file of a program.
fn named(step: &Step, name: &str) -> String {
    step.file_name(CrateType::Bin, name).unwrap_or_else(|| name.to_owned())
}

/// The compile step's facts.
pub(crate) fn of(here: &Here) -> Result<&Compile, Failure> {
    match &here.step.action {
        Action::Compile(compile) => Ok(compile),
        Action::Run(_) => Err(Failure::new("a build script's run is no program to check")),
    }
}

/// The profile's directory, where Cargo leaves programs.
pub(crate) fn directory(group: &str, profile: &str) -> PathBuf {
    let target = Path::new(TARGET);
    if group == HOST { target.join(profile) } else { target.join(group).join(profile) }
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    sources::copy(from, to).map_err(|error| {
        Failure::new(format!("cannot copy {} to {}: {error}", from.display(), to.display()))
    })
}

/// The call for one part of the tests, by their names: every `of`th of them. `--exact` is what makes a
/// name no pattern.
fn only(here: &Here, mut planned: Planned, (part, of): (usize, usize)) -> Result<Planned, Failure> {
    // What cannot even say its tests is run whole by each part, which then tells how it failed.
    let Some(tests) = listed(here, &planned)? else { return Ok(planned) };
    // A pattern of the user's that is a whole name would be run by every part.
    planned.call.words.retain(|word| !tests.contains(word));
    let own = tests.into_iter().skip(part - 1).step_by(of);
    if !planned.call.words.iter().any(|word| word == "--exact") {
        planned.call.words.push("--exact".to_owned());
    }
    let before = planned.call.words.len();
    planned.call.words.extend(own);
    if planned.call.words.len() == before {
        // Nothing would be a pattern that all tests have; no test has this name.
        planned.call.words.push(String::new());
    }
    Ok(planned)
}

/// The tests that a call would run, in the order of the harness; `None` where the program fails before it has said.
fn listed(here: &Here, planned: &Planned) -> Result<Option<Vec<String>>, Failure> {
    let Planned { call, machine } = planned;
    let program = call.words[0].clone();
    let mut list = command(here, &Planned { call: call.clone(), machine: machine.clone() })?;
    if machine.contains_key(coverage::VARIABLE) {
        // To list tests is no run of them.
        list.env(coverage::VARIABLE, "/dev/null");
    }
    let output = list
        .args(["--list", "--format", "terse"])
        .output()
        .map_err(|error| Failure::new(format!("cannot run {program}: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let name = |line: &str| {
        line.strip_suffix(": test").or_else(|| line.strip_suffix(": benchmark")).map(str::to_owned)
    };
    Ok(output.status.success().then(|| text.lines().filter_map(name).collect()))
}

/// Counts the tests of a harness that each pattern of the skip list names.
fn skips(
    here: &Here,
    check: &Check,
    compile: &Compile,
    planned: &Planned,
) -> Result<BTreeMap<String, String>, Failure> {
    if check.skip.is_empty() || !compile.harness {
        return Ok(BTreeMap::new());
    }
    // The runner and the program, without the arguments of its run.
    let mut call = planned.call.clone();
    call.words.truncate(check.runner.len() + 1);
    let tests = listed(here, &Planned { call, machine: planned.machine.clone() })?;
    let tests = tests.unwrap_or_default();
    let mut skipped = BTreeMap::new();
    for pattern in &check.skip {
        let count = tests.iter().filter(|test| test.contains(pattern.as_str())).count();
        skipped.insert(pattern.clone(), count.to_string());
    }
    Ok(skipped)
}
