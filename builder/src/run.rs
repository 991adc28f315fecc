//! Running a build script, and keeping what it made and said.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::crates::Notes;
use crate::environment;
use crate::failure::Failure;
use crate::here::{Here, TMP, read_crate, read_runs, say, write};
use crate::jobserver::Jobserver;
use crate::note;
use crate::package::{BUILD, TARGET, normal};
use crate::process;
use crate::protocol::{DirectiveError, Directives, ScriptPackage, Severity};
use crate::sources::{self, Placed};
use crate::step::Run;

pub(crate) fn run(here: &Here, run: &Run) -> Result<(), Failure> {
    let step = &here.step;
    let mut notes = Notes::default();
    let linked: Vec<String> = run.links.values().cloned().collect();
    read_runs(&linked, &mut notes)?;
    let mut all: Vec<Placed> = step.placed().collect();
    all.extend(notes.runs.iter().flat_map(|(path, run)| run.places(path)));
    if let Some(program) = &run.program {
        let note = read_crate(program)?;
        all.extend(note.baked);
    }
    sources::place(all, &here.search_path())?;
    let cwd = step.working_directory();
    std::env::set_current_dir(&cwd)
        .map_err(|_| Failure::new(format!("the source has no directory {}", cwd.display())))?;

    let cargo = environment::of(step, &notes, environment::Variables::new());
    let bootstrap = cargo.get("RUSTC_BOOTSTRAP").map(String::as_str);
    let package = ScriptPackage::of(&step.package, bootstrap);
    let out_dir = step.out_dir();
    let directives = match (&run.program, &run.replaced) {
        (Some(program), None) => {
            let directory =
                |error| Failure::new(format!("cannot make {}: {error}", out_dir.display()));
            fs::create_dir_all(&out_dir).map_err(directory)?;
            let started = now()?;
            let program = the_program(program)?;
            let directives = listen(here, &program, cargo, package)?;
            keep_out_dir(&out_dir, &here.out.join("out"))?;
            keep_left(started, &here.out.join("left"))?;
            directives
        }
        // Cargo's configuration says what the script would have ([target.<triple>.<links>]).
        (_, Some(lines)) => {
            let mut directives = Directives::default();
            for line in lines {
                directives
                    .hear(line.as_bytes(), &package)
                    .map_err(|error| refused(here, &error))?;
            }
            directives
        }
        (None, None) => return Err(Failure::new("the plan names no build script")),
    };
    let mut note = note::Run {
        out_dir: match run.replaced {
            Some(_) => String::new(),
            None => out_dir.to_string_lossy().into_owned(),
        },
        directives,
        carried: Vec::new(),
        heard: notes.runs.keys().cloned().collect(),
    };
    note.carried = carry(here, &note, &notes)?;
    write(&here.out.join(note::RUN), &note.write().write())
}

/// The one program of a step that compiled a build script.
fn the_program(output: &str) -> Result<PathBuf, Failure> {
    let bin = Path::new(output).join("bin");
    let program = bin.read_dir().ok().and_then(|mut entries| entries.next()?.ok());
    let missing = || Failure::new(format!("there is no program in {}", bin.display()));
    Ok(program.ok_or_else(missing)?.path())
}

/// The time by the clock of the filesystem, which may be behind that of the machine.
fn now() -> Result<SystemTime, Failure> {
    let mark = Path::new(TMP).join("started");
    fs::write(&mark, "")
        .and_then(|()| fs::metadata(&mark)?.modified())
        .and_then(|time| fs::remove_file(&mark).map(|()| time))
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", mark.display())))
}

fn refused(here: &Here, error: &DirectiveError) -> Failure {
    let package = &here.step.package;
    let failure = Failure::new(format!("the build script of {} {error}", package.name));
    match error {
        DirectiveError::Bootstrap { .. } => failure.with(format!(
            "If that is wanted, set it for the package in config.toml: [override.\"{}\"] env",
            package.name
        )),
        _ => failure,
    }
}

/// Runs the script, and takes in what it says line by line.
fn listen(
    here: &Here,
    program: &Path,
    cargo: environment::Variables,
    package: ScriptPackage,
) -> Result<Directives, Failure> {
    let mut jobserver = Jobserver::open(here.jobs)
        .map_err(|error| Failure::new(format!("cannot open a jobserver: {error}")))?;
    let mut variables = here.variables(cargo);
    variables.insert("CARGO_MAKEFLAGS".into(), jobserver.make_flags().into());
    variables.insert("RUSTC".into(), here.tools.rustc.clone().into());
    here.shim(&mut variables)?; // bootstrap
    variables.insert("RUSTDOC".into(), here.tools.rustdoc.clone().into());
    variables.insert("NUM_JOBS".into(), jobserver.jobs().to_string().into());
    let heard: Arc<Mutex<(Directives, Option<DirectiveError>)>> = Arc::default();
    let shared = Arc::clone(&heard);
    let label = format!("{}@{}", here.step.package.name, here.step.package.version);
    let listener = move |line: &[u8]| {
        let mut heard = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (directives, error) = &mut *heard;
        if error.is_none() {
            let before = directives.messages.len();
            *error = directives.hear(line, &package).err();
            for (severity, text) in &directives.messages[before..] {
                if *severity == Severity::Warning {
                    say(&format!("warning: {label}: {text}"));
                }
            }
        }
    };
    let mut command = Command::new(program);
    command.env_clear().envs(variables);
    let ended = process::run(&mut command, &mut jobserver, Some(Box::new(listener)))
        .map_err(|error| Failure::new(format!("cannot run {}: {error}", program.display())))?;
    if !ended.status.success() {
        say("--- stdout");
        ended.stdout.say();
        say("--- stderr");
        ended.stderr.say();
        let how = match (ended.status.code(), ended.status.signal()) {
            (Some(code), _) => format!("ended with status {code}"),
            (None, signal) => format!("was ended by signal {}", signal.unwrap_or_default()),
        };
        let failure = Failure::new(format!("the build script of {} {how}", here.step.package.name));
        return Err(match Path::new("/bin/sh").exists() {
            true => failure,
            false => failure
                .with("the sandbox has no /bin/sh, which scripts and makefiles begin with; nix.conf shows it by")
                .with(format!("extra-sandbox-paths = /bin/sh={}", here.shell().display())),
        });
    }
    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    let (directives, error) = std::mem::take(&mut *heard);
    if let Some(error) = error {
        return Err(refused(here, &error));
    }
    let errors: Vec<&str> = directives.errors().collect();
    if errors.is_empty() {
        return Ok(directives);
    }
    let failure =
        Failure::new(format!("the build script of {} reported an error", here.step.package.name));
    Err(errors.into_iter().fold(failure, Failure::with))
}

/// Keeps `OUT_DIR`. A link to something in it leads to the same thing in the output, and a link to
/// another place of the sandbox becomes what it leads to: that place is gone afterwards. Sockets and
/// pipes are left behind, as nobody could use them.
fn keep_out_dir(out_dir: &Path, to: &Path) -> Result<(), Failure> {
    fn keep(from: &Path, to: &Path, top: &Path) -> io::Result<()> {
        let data = from.symlink_metadata()?;
        if data.is_dir() {
            fs::create_dir_all(to)?;
            for entry in from.read_dir()? {
                let entry = entry?;
                keep(&entry.path(), &to.join(entry.file_name()), top)?;
            }
            return Ok(());
        }
        if data.is_symlink() {
            let target = fs::read_link(from)?;
            if !target.is_absolute() {
                return match from.canonicalize() {
                    Ok(real) if real.starts_with(BUILD) && !real.starts_with(top) => {
                        sources::copy(&real, to)
                    }
                    _ => symlink(target, to),
                };
            }
            return match target.strip_prefix(top) {
                Ok(inside) => {
                    let depth = from.strip_prefix(top).map_or(1, |path| path.components().count());
                    let up: PathBuf = std::iter::repeat_n("..", depth - 1).collect();
                    symlink(up.join(inside), to)
                }
                Err(_) if target.starts_with(BUILD) && target.exists() => {
                    sources::copy(&target.canonicalize()?, to)
                }
                Err(_) => symlink(target, to),
            };
        }
        let kind = data.file_type();
        if kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device() {
            return Ok(());
        }
        sources::copy(from, to)
    }
    keep(out_dir, to, out_dir)
        .map_err(|error| Failure::new(format!("cannot keep OUT_DIR: {error}")))
}

/// Keeps what the script wrote beside its `OUT_DIR`, as Cargo lets it: the crates of its package must
/// see that, too.
fn keep_left(started: SystemTime, to: &Path) -> Result<(), Failure> {
    fn keep(from: &Path, to: &Path, started: SystemTime) -> io::Result<()> {
        let data = from.symlink_metadata()?;
        if data.is_dir() {
            for entry in from.read_dir()? {
                let entry = entry?;
                keep(&entry.path(), &to.join(entry.file_name()), started)?;
            }
        } else if (data.is_file() || data.is_symlink()) && data.modified()? >= started {
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)?;
            }
            sources::copy(from, to)?;
        }
        Ok(())
    }
    let failed = |error: io::Error| {
        Failure::new(format!("cannot keep what the build script wrote: {error}"))
    };
    for entry in Path::new(BUILD).read_dir().map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // Files at the top are Nix's own.
        if path.is_dir() && path != Path::new(TARGET) && path != Path::new(TMP) {
            let name = path.file_name().unwrap_or_default();
            keep(&path, &to.join(name), started).map_err(failed)?;
        }
    }
    Ok(())
}

/// Keeps what lies below paths that the script named, where those who read its words have nothing.
fn carry(here: &Here, note: &note::Run, notes: &Notes) -> Result<Vec<Placed>, Failure> {
    let said = &note.directives;
    let texts = said
        .search_paths
        .iter()
        .chain(said.link_args.iter().map(|(_, arg)| arg))
        .chain(said.metadata.iter().map(|(_, value)| value))
        .chain(said.env.iter().map(|(_, value)| value));
    let mut known: Vec<&str> = notes.runs.values().map(|run| run.out_dir.as_str()).collect();
    known.push(&note.out_dir);
    let carried: Vec<&Path> = notes
        .runs
        .values()
        .flat_map(|run| run.carried.iter().map(|placed| placed.place.as_path()))
        .collect();
    let mut places = BTreeSet::new();
    for text in texts {
        places.extend(places_in(text).into_iter().filter(|place| {
            !known.iter().any(|dir| !dir.is_empty() && place.starts_with(dir))
                && !carried.iter().any(|dir| place.starts_with(dir))
        }));
    }
    let mut list: Vec<Placed> = Vec::new();
    for place in places {
        // What lies in a directory that is carried already comes with it.
        if list.iter().any(|placed| place.starts_with(&placed.place)) {
            continue;
        }
        let inside = place.strip_prefix(BUILD).unwrap_or(&place);
        let to = here.out.join("carried").join(inside);
        let failed =
            |error: io::Error| Failure::new(format!("cannot keep {}: {error}", place.display()));
        fs::create_dir_all(to.parent().unwrap_or(&here.out)).map_err(failed)?;
        sources::copy(&place, &to).map_err(failed)?;
        list.push(Placed::link(to, place));
    }
    Ok(list)
}

/// The paths of the build directory that a text names, as far as something is there.
fn places_in(text: &str) -> Vec<PathBuf> {
    let legal = |c: char| c.is_alphanumeric() || "._+~-/@".contains(c);
    let start = format!("{BUILD}/");
    text.match_indices(&start)
        .map(|(at, _)| {
            let rest = &text[at..];
            &rest[..rest.find(|c: char| !legal(c)).unwrap_or(rest.len())]
        })
        .map(|path| normal(Path::new(path)))
        .filter(|path| path.starts_with(BUILD) && path != Path::new(BUILD) && path.exists())
        .collect()
}
