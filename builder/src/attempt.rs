//! A check that is to be made, and its runs.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use crate::facts::Facts;
use crate::failure::Failure;
use crate::here::{Here, TMP, write};
use crate::package::TARGET;
use crate::report::{Call, End, REPORT, Report};
use crate::watch::{self, Limits};

/// How a failure begins whose cure is another toolchain, not another crate.
pub const LACKS: &str = "the toolchain has no";

/// What a plan says of a check beside the facts of the step that is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What is done.
    pub action: String,
    /// The output of the step that compiled the program.
    pub program: Option<String>,
    /// What runs programs of the platform here.
    pub runner: Vec<String>,
    /// The directory of the profile, below Cargo's target directory.
    pub directory: String,
    /// Arguments that the user gives.
    pub args: Vec<String>,
    /// Patterns of tests that are left out.
    pub skip: Vec<String>,
    /// How often what failed is tried again.
    pub retries: usize,
    /// What it may take.
    pub(crate) limits: Limits,
    /// The tool, where it is none of the toolchain's own fields: clippy-driver, rustfmt.
    pub tool: String,
    /// Whether what the program runs is counted: its profiles stay.
    pub coverage: bool,
    /// Which part of the tests is run, of how many; all of them where nothing is said.
    pub partition: Option<(usize, usize)>,
    /// Names of crates below a documented one that have pages of their own.
    pub pages: Vec<String>,
}

impl Check {
    /// Reads the facts of a check.
    ///
    /// # Errors
    /// A fact that is missing, unknown, or of another kind, by its name.
    pub fn read(action: &str, mut facts: Facts) -> Result<Self, String> {
        let mut number = |name: &str, usual: i64| {
            let number = facts.some_int(name)?.unwrap_or(usual);
            u64::try_from(number).map_err(|_| format!("the fact check.{name} is below 0"))
        };
        let (seconds, output, retries) =
            (number("timeout", 3600)?, number("output", 1 << 20)?, number("retries", 0)?);
        let check = Self {
            action: action.to_owned(),
            program: facts.some_text("program")?,
            runner: facts.texts("runner")?,
            directory: facts.text("directory")?,
            args: facts.texts("args")?,
            skip: facts.texts("skip")?,
            retries: usize::try_from(retries).unwrap_or(usize::MAX),
            limits: Limits { seconds, output: usize::try_from(output).unwrap_or(usize::MAX) },
            tool: facts.text("tool")?,
            coverage: facts.flag("coverage")?,
            partition: partition(&mut facts)?,
            pages: facts.texts("pages")?,
        };
        facts.done()?;
        Ok(check)
    }
}

fn partition(facts: &mut Facts) -> Result<Option<(usize, usize)>, String> {
    let (part, of) = (facts.some_int("part")?, facts.some_int("parts")?);
    match (part.map(usize::try_from), of.map(usize::try_from)) {
        (None, None) => Ok(None),
        (Some(Ok(part)), Some(Ok(of))) if (1..=of).contains(&part) => Ok(Some((part, of))),
        _ => Err("the facts check.part and check.parts are no part of a whole".to_owned()),
    }
}

/// The system's number for a file that it cannot execute (`ENOEXEC`).
const NO_FORMAT: i32 = 8;

/// A command that a check runs.
pub(crate) struct Planned {
    /// What follows from the plan.
    pub(crate) call: Call,
    /// What this machine's toolchain adds, or has in another way.
    pub(crate) machine: BTreeMap<String, String>,
}

/// Runs it as often as the plan lets it, and writes the report.
pub(crate) fn attempt(
    here: &Here,
    check: &Check,
    harness: bool,
    skipped: BTreeMap<String, String>,
    planned: Planned,
) -> Result<Report, Failure> {
    let step = &here.step;
    let mut report = Report {
        check: check.action.clone(),
        package: step.package.name.clone(),
        step: step.name.clone(),
        harness,
        skipped,
        ..Report::default()
    };
    let shell = here.shell();
    let mut said = Vec::new();
    for _ in 0..=check.retries {
        let mut command = command(here, &planned)?;
        let mut watched = watch::watch(&mut command, &check.limits, &shell)
            .map_err(|error| not_started(check, &planned.call.words[0], &error))?;
        watched.attempt.full = watched.attempt.end != End::Code(0) && is_full(Path::new(TMP));
        said.push((watched.stdout.bytes(), watched.stderr.bytes()));
        report.attempts.push(watched.attempt);
        if report.passed() {
            break;
        }
    }
    report.call = planned.call;
    save(here, &report, &said)?;
    Ok(report)
}

/// The system's numbers for a disk without room, and for a user who may have no more of it.
const NO_ROOM: [i32; 2] = [28, 122];

/// How much room a disk has that is not full.
const ROOM: usize = 64 * 1024;

/// Whether the disk of `directory` has no room any more.
fn is_full(directory: &Path) -> bool {
    let probe = directory.join(".rbn-plan-room");
    let written = fs::write(&probe, [0; ROOM]);
    let _ = fs::remove_file(&probe);
    written.is_err_and(|error| error.raw_os_error().is_some_and(|number| NO_ROOM.contains(&number)))
}

/// Why a program does not start: of a runner, and of a program for another machine, that is the
/// toolchain's matter.
fn not_started(check: &Check, program: &str, error: &std::io::Error) -> Failure {
    let cure = "`target.TRIPLE.runner` in config.toml names what runs a target's programs; give its \
                whole path, or add it to the tests by `native-inputs`.";
    match error.kind() {
        ErrorKind::NotFound if !check.runner.is_empty() => {
            Failure::new(format!("{LACKS} {program}, which is to run programs")).with(cure)
        }
        _ if error.raw_os_error() == Some(NO_FORMAT) => {
            Failure::new(format!("{LACKS} runner for {program}, which is of another machine"))
                .with(cure)
        }
        _ => Failure::new(format!("cannot run {program}: {error}")),
    }
}

/// The command, with the whole of its environment.
pub(crate) fn command(here: &Here, planned: &Planned) -> Result<Command, Failure> {
    let Call { words, directory, environment } = &planned.call;
    let directory = Path::new(directory);
    if !directory.is_dir() {
        return Err(Failure::new(format!("the source has no directory {}", directory.display())));
    }
    let home = Path::new(TMP).join("home");
    make(&home)?;
    let (program, args) = words.split_first().ok_or_else(|| Failure::new("there is no program"))?;
    let mut command = Command::new(program);
    command.args(args).current_dir(directory).env_clear();
    command.envs(here.variables(environment.clone()));
    if !environment.contains_key("HOME") {
        command.env("HOME", &home);
    }
    command.envs(&planned.machine);
    Ok(command)
}

/// Writes the report. A program that filled the disk has its files taken away first.
fn save(here: &Here, report: &Report, said: &[(Vec<u8>, Vec<u8>)]) -> Result<(), Failure> {
    let all = || -> Result<(), Failure> {
        for (number, (stdout, stderr)) in said.iter().enumerate() {
            for (name, bytes) in [("stdout", stdout), ("stderr", stderr)] {
                let path = here.out.join(format!("{}.{name}", number + 1));
                fs::write(&path, bytes).map_err(|error| {
                    Failure::new(format!("cannot write {}: {error}", path.display()))
                })?;
            }
        }
        write(&here.out.join(REPORT), &report.write().write())
    };
    all().or_else(|_| {
        for place in [Path::new(TARGET), Path::new(TMP)] {
            let _ = fs::remove_dir_all(place);
        }
        all().map_err(|failure| failure.with("The program may have filled the disk of the build."))
    })
}

/// Makes a directory.
pub(crate) fn make(directory: &Path) -> Result<(), Failure> {
    crate::compile::make(directory)
}
