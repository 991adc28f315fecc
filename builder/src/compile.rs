//! Compiling: what the plan says, with what build scripts said.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;

use crate::cache;
use crate::call::Call;
use crate::crates::{self, Notes};
use crate::effects::{self, Script};
use crate::failure::Failure;
use crate::here::{Here, read_crate, read_runs, say, write};
use crate::jobserver::Jobserver;
use crate::metadata::{self, Written};
use crate::note::{self, Crate, Run};
use crate::package::DEPS;
use crate::process::Ended;
use crate::sources::{self, How, Placed};
use crate::step::{Compile, HOST, Part};
use crate::target::Kind;
use crate::{argv, environment, native};

pub(crate) fn compile(here: &Here, compile: &Compile) -> Result<(), Failure> {
    let step = &here.step;
    let directory = here.out.join(compile.directory());
    make(&directory)?;
    let notes = read_notes(compile)?;
    let promised = compile.metadata.iter().map(|path| read_crate(path));
    metadata::compare(&promised.collect::<Result<Vec<_>, _>>()?, &notes)?;
    let mut note = crates::note(step, compile, &notes, &here.out_text(), Run::speaks_of_linking);
    let own = compile.script.as_ref().and_then(|path| Some((path, notes.runs.get(path)?)));

    place(here, compile, &note, &notes)?;
    link_crates(&crates::below(compile, &notes))?;

    let mut jobserver = Jobserver::open(here.jobs)
        .map_err(|error| Failure::new(format!("cannot open a jobserver: {error}")))?;
    let effects = effects::effects(&effects::Unit::of(step, compile), &scripts(compile, &notes));
    let mut args = argv::rustc(step, compile, &note, &notes, &here.out_text());
    args.extend(effects.args);
    let libraries = native::needed(step, compile, &notes);
    args.extend(native::args(step, compile, &libraries));
    let cargo = environment::of(step, &notes, effects.env.clone());
    let is_whole = effects.env.is_empty()
        && own.is_none_or(|(path, _)| {
            is_empty(&Path::new(path).join("out")) && is_empty(&Path::new(path).join("left"))
        });
    let mut variables = here.variables(cargo.clone());
    variables.insert("CARGO_MAKEFLAGS".into(), jobserver.make_flags().into());
    let call = Call {
        here,
        args,
        variables,
        cargo: &cargo,
        directory: directory.clone(),
        dep_info: directory.join(format!("{}.d", argv::made_name(compile, &note, step))),
        is_whole,
    };
    let cwd = step.working_directory();
    std::env::set_current_dir(&cwd)
        .map_err(|_| Failure::new(format!("the source has no directory {}", cwd.display())))?;
    let ended = match compile.part {
        Part::Whole => cache::compile(&call, &mut jobserver)?,
        Part::Full => {
            let ended = cache::compile(&call, &mut jobserver)?;
            Ended { stderr: metadata::spoken(&ended.stderr), ..ended }
        }
        Part::Metadata => {
            let wanted = note.links.first().map(|file| directory.join(file)).unwrap_or_default();
            match metadata::write(&call, &wanted, &mut jobserver)? {
                // What rustc warns of the full step says.
                Written::There => Ended::default(),
                Written::Failed(ended) => ended,
            }
        }
    };
    ended.stdout.say();
    ended.stderr.say();
    if !ended.status.success() {
        return Err(refused(here, &call, ended.status));
    }
    if compile.part != Part::Whole {
        let name = argv::made_name(compile, &note, step);
        note.metadata = metadata::mark(&directory.join(format!("lib{name}.rmeta")))?;
    }

    // A macro is linked: who uses it needs no library of it.
    note.libraries = if note.is_macro { Vec::new() } else { libraries };
    if step.group == HOST {
        note.baked.extend(baked(here, compile, &notes, &call.dep_info));
    }
    tidy(here, compile, &note, &directory, &call.dep_info)?;
    // A program is what users get; nothing else depends on it.
    let is_program = compile.directory() == "bin" && note.files.contains_key("bin");
    if !is_program || compile.kind == Kind::CustomBuild {
        write(&here.out.join(note::CRATE), &note.write().write())?;
    }
    Ok(())
}

fn refused(here: &Here, call: &Call<'_>, status: std::process::ExitStatus) -> Failure {
    say("");
    say(&format!("rbn-plan: the command was, in {}:", here.step.working_directory().display()));
    let mut line = format!(" {}", quoted(&here.tools.rustc.to_string_lossy()));
    for arg in &call.args {
        line.push(' ');
        line.push_str(&quoted(arg));
    }
    say(&line);
    match status.signal() {
        Some(signal) => Failure::new(format!("rustc was ended by signal {signal}")).with(
            "Signal 9 comes from a machine that ran out of memory: let fewer steps run at once (`max-jobs`).",
        ),
        None => Failure::new("rustc found errors"),
    }
}

/// An argument as a shell would be given it.
fn quoted(arg: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=/.,:+@%".contains(c);
    if !arg.is_empty() && arg.chars().all(plain) {
        return arg.to_owned();
    }
    format!("'{}'", arg.replace('\'', r"'\''"))
}

pub(crate) fn make(directory: &Path) -> Result<(), Failure> {
    fs::create_dir_all(directory)
        .map_err(|error| Failure::new(format!("cannot make {}: {error}", directory.display())))
}

fn is_empty(directory: &Path) -> bool {
    directory.read_dir().map_or(true, |mut entries| entries.next().is_none())
}

pub(crate) fn read_notes(compile: &Compile) -> Result<Notes, Failure> {
    let mut notes = Notes::default();
    for path in compile.crates().chain(compile.below.iter().map(String::as_str)) {
        notes.crates.insert(path.to_owned(), read_crate(path)?);
    }
    let below = notes.crates.values().flat_map(|note| note.natives.iter().cloned());
    let runs: Vec<String> = below.chain(compile.script.clone()).collect();
    read_runs(&runs, &mut notes)?;
    Ok(notes)
}

/// The scripts whose words count here, the own one first.
pub(crate) fn scripts<'a>(compile: &'a Compile, notes: &'a Notes) -> Vec<Script<'a>> {
    let own = compile.script.iter();
    let natives = crates::natives(compile, notes, Run::speaks_of_linking);
    let others = natives.iter().filter(|path| Some(*path) != compile.script.as_ref());
    own.chain(others)
        .filter_map(|path| notes.runs.get(path).map(|run| (path, run)))
        .map(|(path, run)| Script {
            directives: &run.directives,
            out_dir: &run.out_dir,
            own: Some(path) == compile.script.as_ref(),
        })
        .collect()
}

/// Puts sources, the own script's files, and all that others named by a path, where they belong.
pub(crate) fn place(
    here: &Here,
    compile: &Compile,
    note: &Crate,
    notes: &Notes,
) -> Result<(), Failure> {
    let mut all: Vec<Placed> = here.step.placed().collect();
    all.extend(note.macros_baked.iter().cloned());
    for (path, run) in &notes.runs {
        let mut places = run.places(path);
        if Some(path) == compile.script.as_ref() {
            // The own `OUT_DIR` is a directory like any other: macros may write into it.
            for placed in places.iter_mut().filter(|placed| placed.place == Path::new(&run.out_dir))
            {
                placed.how = How::Copy;
            }
        }
        all.extend(places);
    }
    sources::place(all, &here.search_path())?;
    if let Some(script) = &compile.script {
        sources::lay_over(&Path::new(script).join("left"))?;
    }
    Ok(())
}

pub(crate) fn link_crates(files: &BTreeSet<String>) -> Result<(), Failure> {
    make(Path::new(DEPS))?;
    let mut names = BTreeSet::new();
    for path in files.iter().map(Path::new) {
        let Some(name) = path.file_name() else { continue };
        if !names.insert(name) {
            return Err(Failure::new(format!("two crates have the file name {}", name.display())));
        }
        symlink(path, Path::new(DEPS).join(name))
            .map_err(|error| Failure::new(format!("cannot link {}: {error}", path.display())))?;
    }
    Ok(())
}

/// What a program with this crate in it may look for: the package's source, or the `OUT_DIR` of its
/// script, where rustc says that their paths were put into the crate.
fn baked(here: &Here, compile: &Compile, notes: &Notes, dep_info: &Path) -> Vec<Placed> {
    let step = &here.step;
    let mut found = Vec::new();
    let text = fs::read_to_string(dep_info).unwrap_or_default();
    let values: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# env-dep:")?.split_once('='))
        .map(|(_, value)| value)
        .collect();
    let names = |place: &str| values.iter().any(|value| value.contains(place));
    if names(&step.package.place(step.root_depth).to_string_lossy()) {
        found.extend(step.placed());
    }
    if let Some((path, run)) =
        compile.script.as_ref().and_then(|path| Some((path, notes.runs.get(path)?)))
        && !run.out_dir.is_empty()
        && names(&run.out_dir)
    {
        found.extend(run.places(path));
    }
    found
}

/// Leaves in the output what others read, by the names that they know.
fn tidy(
    here: &Here,
    compile: &Compile,
    note: &Crate,
    directory: &Path,
    dep_info: &Path,
) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| {
        Failure::new(format!("cannot tidy {}: {error}", directory.display()))
    };
    let _ = fs::remove_file(dep_info);
    let is_checked = compile.mode.is_check();
    let is_checked = is_checked || compile.keeps_metadata(&here.step.bootstrap); // bootstrap
    let is_metadata = compile.part == Part::Metadata;
    let made = argv::made_name(compile, note, &here.step);
    for entry in directory.read_dir().map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if is_metadata {
            // What rustc had begun when it was stopped.
            if path.is_dir() && !path.is_symlink() {
                fs::remove_dir_all(&path).map_err(cannot)?;
            } else if !note.links.contains(&name) {
                fs::remove_file(&path).map_err(cannot)?;
            }
        } else if name.ends_with(".rmeta") && !is_checked {
            // The metadata stands in the library, too.
            fs::remove_file(&path).map_err(cannot)?;
        } else if compile.directory() == "bin"
            && let Some(rest) =
                name.strip_prefix(&made).filter(|rest| rest.is_empty() || rest.starts_with('.'))
            && made != compile.target
        {
            // The program, and what belongs to it (`.dwp`), by the name that users know.
            fs::rename(&path, directory.join(format!("{}{rest}", compile.target)))
                .map_err(cannot)?;
        }
    }
    Ok(())
}
