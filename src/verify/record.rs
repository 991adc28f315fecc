//! Starts a real build under the recording wrapper.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::symlink;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::checks::stand_ins::{self, RUSTDOC, runner_variable};
use super::environment::{self, Baseline, RECORD_DIR, Restore, Variables};
use super::error::RecordError;
use super::files::seen::{Tree, tool_directories};
use super::files::tracer::Tracer;
use super::links::Links;
use super::needed::{NEEDED_FILE, Needed};
use super::places::{Places, Scratch};
use super::raw_call::{self, RawKind};
use super::recording::{self, OutDirs, Recording};
pub use super::selection::{CargoCommand, Selection};
use super::stub::{RESTORE_FILE, TRACED_NAME};
use super::wrapper::STUBS_FILE;
use crate::cargo::home as cargo_home;
use crate::cargo::settings::{self, Asked, Reader};
use crate::process::attended::end_group;
use crate::process::interrupt::Watch;

/// How often Cargo is looked after, and the progress told.
const TICK: Duration = Duration::from_millis(50);

/// How to record.
pub struct Options<'a> {
    /// The `cargo` to record.
    pub cargo: PathBuf,
    /// This program: a binary whose `main` calls [`super::wrapper::enter`] first.
    pub program: PathBuf,
    /// Told the number of units so far.
    pub progress: &'a mut dyn FnMut(usize),
    /// What watches which files they read, if that is asked for, and the root of the source tree.
    pub tracer: Option<(Tracer, Utf8PathBuf)>,
    /// The host units that have to be compiled, where that is known; else all are. Whoever is watched
    /// compiles all: macros run where they are used.
    pub needed: Option<Needed>,
}

/// Records what Cargo runs for `selection` in the directory `workspace`.
///
/// Everything Cargo writes goes to a private directory that is gone when this returns, however it
/// returns; the user's target directory is not touched.
pub fn record(
    workspace: &Utf8Path,
    selection: &Selection,
    options: &mut Options<'_>,
) -> Result<Recording, RecordError> {
    let watch = Watch::start().map_err(io_error("watch for signals"))?;
    let scratch = Scratch::make().map_err(io_error("make a temporary directory"))?;
    let places = Places::make(&scratch, &options.program)
        .map_err(io_error("prepare the temporary directory"))?;

    let mut selection = selection.clone();
    let reader = configuration(workspace, options);
    if selection.targets.is_empty() {
        selection.targets.push(host(workspace, reader.as_ref())?);
    }
    let stand_ins = stand_ins(workspace, &selection, reader.as_ref(), &places)?;
    let cargo_version = ask(workspace, options, &["-V"])?;
    let workspace_root = workspace_root(workspace, &selection, options)?;
    let (mut restore, mut notes) = restoration(reader.as_ref(), &places);
    restore.extend(stand_ins.keys().map(|name| (name.clone(), std::env::var(name).ok())));
    // Cargo names a rustdoc to scripts in any case.
    restore.entry(RUSTDOC.to_owned()).and_modify(|real| *real = Some(rustdoc(reader.as_ref())));
    fs::write(places.calls.join(RESTORE_FILE), serde_json::json!(restore).to_string())
        .map_err(io_error("prepare the temporary directory"))?;

    if let (Some(needed), None) = (&options.needed, &options.tracer) {
        fs::write(places.calls.join(NEEDED_FILE), serde_json::json!(needed).to_string())
            .map_err(io_error("prepare the temporary directory"))?;
    }
    if let Some((tracer, _)) = &options.tracer {
        tracer.announce(&places.calls).map_err(io_error("prepare the temporary directory"))?;
        places
            .program()
            .and_then(|program| symlink(program, places.calls.join(TRACED_NAME)))
            .map_err(io_error("prepare the temporary directory"))?;
        let lacking: Vec<&String> = selection
            .targets
            .iter()
            .filter(|target| !has_std(workspace, reader.as_ref(), target))
            .collect();
        if let Some(target) = lacking.first() {
            fs::write(places.calls.join(STUBS_FILE), "")
                .map_err(io_error("prepare the temporary directory"))?;
            notes.push(format!(
                "what is made for {target} was not watched: its standard library is not installed here"
            ));
        }
    }
    let mut command = cargo(workspace, &selection, options, &places);
    command.envs(&stand_ins);
    let mut child = command.spawn().map_err(|source| start_error(&options.cargo, source))?;
    let (status, stderr) = attend(&mut child, &watch, &places.calls, options.progress)?;
    if let Some(signal) = watch.take() {
        return Err(RecordError::Interrupted(signal));
    }
    if !status.success() {
        return Err(failure(&selection, status, stderr));
    }

    let tree = options.tracer.as_ref().map(|(_, root)| {
        let mut other = tool_directories();
        other.push(scratch.path().to_owned());
        Tree::new(root, other)
    });
    let mut calls = raw_call::read_calls(&places.calls, tree.as_ref())?;
    if tree.is_some() {
        // What a script left running is still watched.
        end_group(&child);
    }
    let version = calls.version.take().ok_or(RecordError::NotCalled)?;
    let mut given = environment::given();
    given.extend(stand_ins);
    let baseline = Baseline::new(given, version.env);
    let home = cargo_home().map(|home| workspace.join(home));
    let links = Links::of([Some(workspace_root.as_path()), home.as_deref()].into_iter().flatten());
    let roots = [Utf8PathBuf::from(links.resolve(workspace_root.as_str())), workspace_root];
    let out_dirs = if tree.is_some() { OutDirs::Read } else { OutDirs::Ignored };
    let (units, runs, checks) =
        recording::understand(calls, &baseline, &places.target, &roots, &links, out_dirs)?;
    let [workspace_root, _] = roots;
    Ok(Recording {
        cargo_version,
        targets: selection.targets,
        workspace_root,
        notes,
        baseline,
        units,
        runs,
        checks,
    })
}

/// The variables by which Cargo calls this program where a check would call another.
fn stand_ins(
    workspace: &Utf8Path,
    selection: &Selection,
    reader: Option<&Reader>,
    places: &Places,
) -> Result<Variables, RecordError> {
    let mut variables = Variables::new();
    let runs = selection.command.runs();
    if runs || selection.command == CargoCommand::Doc {
        stand_ins::keep_rustdoc(&places.calls, &rustdoc(reader))
            .map_err(io_error("prepare the temporary directory"))?;
        variables.insert(RUSTDOC.to_owned(), places.rustdoc.to_string());
    }
    if runs {
        // Macros have tests, too, which run on the build machine.
        let host = host(workspace, reader)?;
        let triples = selection.targets.iter().chain([&host]);
        variables
            .extend(triples.map(|triple| (runner_variable(triple), places.runner.to_string())));
    }
    Ok(variables)
}

fn cargo(
    workspace: &Utf8Path,
    selection: &Selection,
    options: &Options<'_>,
    places: &Places,
) -> Command {
    let mut command = plain_cargo(workspace, &options.cargo);
    command.args(selection.command.words()).args(&selection.flags);
    for target in &selection.targets {
        command.args(["--target", target]);
    }
    command
        .env(RECORD_DIR, &places.calls)
        .env("RUSTC_WRAPPER", &places.wrapper)
        // Empty means none, and also overrules the configuration's.
        .env("RUSTC_WORKSPACE_WRAPPER", "")
        .env("CARGO_TARGET_DIR", &places.target)
        .env("CARGO_BUILD_BUILD_DIR", &places.target)
        .env("TMPDIR", &places.temporary)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .env("CARGO_TERM_COLOR", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A group of its own, so that everything below Cargo can be ended with it.
        .process_group(0);
    command
}

/// Cargo with the user's environment, without what a Cargo above us added to it.
fn plain_cargo(workspace: &Utf8Path, cargo: &std::path::Path) -> Command {
    let mut command = Command::new(cargo);
    command.current_dir(workspace);
    for name in environment::current().keys() {
        if environment::is_from_an_outer_cargo(name) {
            command.env_remove(name);
        }
    }
    command
}

/// Cargo's configuration; where it cannot be read, the build itself will say so better.
fn configuration(workspace: &Utf8Path, options: &Options<'_>) -> Option<Reader> {
    let cargo = options.cargo.to_str()?;
    settings::open(&Asked { cargo, dir: workspace, flags: &[] }).ok()
}

/// What a build script gets in the place of our variables, and what to tell the user about it.
fn restoration(reader: Option<&Reader>, places: &Places) -> (Restore, Vec<String>) {
    let mut restore = Restore::new();
    for name in environment::OURS {
        restore.insert(name.to_owned(), std::env::var(name).ok());
    }
    let mut notes = Vec::new();
    let wrappers = reader.map(Reader::wrappers).unwrap_or_default();
    for name in ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
        // A plan knows no wrapper, so neither side of the comparison has one.
        restore.insert(name.to_owned(), None);
        if let Some(wrapper) = wrappers.get(name) {
            notes.push(format!("{name} is set to `{wrapper}` here; cargo was recorded without it"));
        }
    }
    restore.insert(RECORD_DIR.to_owned(), None);
    restore.insert("TMPDIR".to_owned(), Some(places.temporary.to_string()));
    restore.insert("CARGO_TARGET_DIR".to_owned(), Some(places.nested.to_string()));
    (restore, notes)
}

/// Waits for Cargo, tells the progress, and ends everything when asked to.
pub(super) fn attend(
    child: &mut Child,
    watch: &Watch,
    calls: &Utf8Path,
    progress: &mut dyn FnMut(usize),
) -> Result<(ExitStatus, String), RecordError> {
    let stderr = child.stderr.take();
    let reader = thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut stderr) = stderr {
            // What cannot be read cannot be shown; Cargo's status still tells.
            let _ = stderr.read_to_end(&mut said);
        }
        String::from_utf8_lossy(&said).into_owned()
    });
    let mut told = 0;
    let status = loop {
        if watch.interrupted() {
            end_group(child);
        }
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => thread::sleep(TICK),
            Err(source) => {
                end_group(child);
                return Err(RecordError::Io { what: "wait for cargo", source });
            }
        }
        let now = count(calls);
        if now != told {
            told = now;
            progress(now);
        }
    };
    if watch.interrupted() {
        // A compiler may have been started while Cargo ended.
        end_group(child);
    } else {
        progress(count(calls));
    }
    Ok((status, reader.join().unwrap_or_default()))
}

/// Units whose calls are written; Cargo's questions for the compiler's version are none.
fn count(calls: &Utf8Path) -> usize {
    let Ok(entries) = fs::read_dir(calls) else { return 0 };
    let is_unit = |entry: io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.ends_with(".json") && !name.starts_with(RawKind::Version.prefix())
        })
    };
    entries.map(is_unit).filter(|is_unit| *is_unit).count()
}

/// The host of the compiler that Cargo will use.
fn host(workspace: &Utf8Path, reader: Option<&Reader>) -> Result<String, RecordError> {
    let rustc = rustc(reader);
    let output = Command::new(&rustc).arg("-vV").current_dir(workspace).output();
    let output = output.map_err(|source| start_error(rustc.as_ref(), source))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(|host| host.trim().to_owned()).ok_or_else(|| RecordError::NoHost {
        program: rustc,
        said: format!("{said}{}", String::from_utf8_lossy(&output.stderr)),
    })
}

/// Whether the compiler has a standard library for a target, so that crates for it can be checked.
fn has_std(workspace: &Utf8Path, reader: Option<&Reader>, target: &str) -> bool {
    let output = Command::new(rustc(reader))
        .args(["--print", "target-libdir", "--target", target])
        .current_dir(workspace)
        .output();
    output.is_ok_and(|output| {
        std::path::Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    })
}

/// The compiler that Cargo will use.
fn rustc(reader: Option<&Reader>) -> String {
    reader.and_then(Reader::rustc).unwrap_or_else(|| "rustc".to_owned())
}

/// The rustdoc that Cargo will use.
fn rustdoc(reader: Option<&Reader>) -> String {
    reader.and_then(Reader::rustdoc).unwrap_or_else(|| "rustdoc".to_owned())
}

/// What Cargo prints; empty if it fails, which the build itself will then say better.
fn ask<S: AsRef<OsStr>>(
    workspace: &Utf8Path,
    options: &Options<'_>,
    args: &[S],
) -> Result<String, RecordError> {
    let output = plain_cargo(workspace, &options.cargo).args(args).output();
    let output = output.map_err(|source| start_error(&options.cargo, source))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn workspace_root(
    workspace: &Utf8Path,
    selection: &Selection,
    options: &Options<'_>,
) -> Result<Utf8PathBuf, RecordError> {
    let mut args =
        ["locate-project", "--workspace", "--message-format=plain"].map(OsString::from).to_vec();
    let mut flags = selection.flags.iter();
    while let Some(flag) = flags.next() {
        let text = flag.to_string_lossy();
        if text == "--manifest-path" {
            args.push(flag.clone());
            args.extend(flags.next().cloned());
        } else if text.starts_with("--manifest-path=") {
            args.push(flag.clone());
        }
    }
    let manifest = Utf8PathBuf::from(ask(workspace, options, &args)?);
    Ok(manifest.parent().unwrap_or(workspace).to_owned())
}

fn failure(selection: &Selection, status: ExitStatus, stderr: String) -> RecordError {
    let mut command = format!("cargo {}", selection.command.words().join(" "));
    for flag in &selection.flags {
        command = format!("{command} {}", flag.to_string_lossy());
    }
    for target in &selection.targets {
        command = format!("{command} --target {target}");
    }
    let status = match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    };
    let stderr = stderr.trim_end().to_owned();
    // Cargo's words for it since its first version.
    if stderr.contains("failed to run custom build command") {
        RecordError::Script { command, status, stderr }
    } else {
        RecordError::Cargo { command, status, stderr }
    }
}

pub(super) fn start_error(program: &std::path::Path, source: io::Error) -> RecordError {
    let help = if source.kind() == io::ErrorKind::NotFound {
        "is the workspace directory there, and is the program installed and in PATH?"
    } else {
        "the system does not let it run; see the reason above"
    };
    RecordError::Start { program: program.display().to_string(), source, help }
}

fn io_error(what: &'static str) -> impl Fn(io::Error) -> RecordError {
    move |source| RecordError::Io { what, source }
}
