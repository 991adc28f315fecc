//! Starts the tree's own x.py under the recorder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

use super::super::environment::{self, RECORD_DIR};
use super::super::error::RecordError;
use super::super::links::Links;
use super::super::needed::{NEEDED_FILE, Needed};
use super::super::record::{attend, start_error};
use super::super::recording::{self, Recording};
use super::super::stub::RESTORE_FILE;
use super::{modes, recorder};
use crate::cargo::home as cargo_home;
use crate::process::interrupt::Watch;

/// Where x.py builds while it is recorded, from the root of the tree: `build` is x.py's own.
pub const DIRECTORY: &str = "build/rbn-plan";

/// What of it stays for the next time: x.py itself, compiled.
const KEPT: &str = "bootstrap";

/// How to record.
pub struct Options<'a> {
    /// The tree.
    pub root: &'a Utf8Path,
    /// The configuration, where there is one.
    pub config: Option<&'a Utf8Path>,
    /// The last stage that is recorded.
    pub stage: u32,
    /// The first compiler, the program itself and no proxy of it.
    pub rustc: &'a Utf8Path,
    /// Its Cargo.
    pub cargo: &'a Utf8Path,
    /// This program.
    pub program: &'a Path,
    /// The host units that scripts are made of.
    pub needed: &'a Needed,
    /// Told the number of units so far.
    pub progress: &'a mut dyn FnMut(usize),
}

/// Records what x.py runs, by its target directories.
///
/// # Errors
/// x.py fails, or cannot be started.
pub fn record(options: &mut Options<'_>) -> Result<BTreeMap<String, Recording>, RecordError> {
    let watch = Watch::start().map_err(failed("watch for signals"))?;
    let dir = options.root.join(DIRECTORY);
    let calls = prepare(&dir, options).map_err(failed("prepare the build directory"))?;
    let mut command = Command::new("python3");
    let stage = options.stage.to_string();
    command.current_dir(options.root).arg("x.py").arg("build").args(["--stage", &stage]);
    command.arg("--config").arg(dir.join("bootstrap.toml"));
    command.arg("--build-dir").arg(&dir);
    // Lints of newer compilers than the tree was written for.
    command.args(["--warnings", "warn"]).arg("compiler/rustc");
    for name in environment::current().keys() {
        if environment::is_from_an_outer_cargo(name) {
            command.env_remove(name);
        }
    }
    command
        // x.py sets it itself.
        .env_remove("RUSTC_BOOTSTRAP")
        .env(RECORD_DIR, &calls)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0);
    let mut child = command.spawn().map_err(|source| start_error("python3".as_ref(), source))?;
    let (status, stderr) = attend(&mut child, &watch, &calls, options.progress)?;
    if let Some(signal) = watch.take() {
        return Err(RecordError::Interrupted(signal));
    }
    if !status.success() {
        return Err(RecordError::Xpy {
            status: status.to_string(),
            stderr: stderr.trim_end().to_owned(),
        });
    }
    let home = cargo_home().map(|home| options.root.join(home));
    let links = Links::of([Some(options.root), home.as_deref()].into_iter().flatten());
    let all = recording::calls_of(&calls)?.into_iter().map(|(_, call)| call).collect();
    let version = Command::new(options.cargo).arg("-V").output();
    let version = version.map_err(|source| start_error(options.cargo.as_ref(), source))?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let recordings = modes::by_directory(all, options.root, &version, &links)?;
    if recordings.is_empty() {
        return Err(RecordError::NotCalled);
    }
    clear(&dir).map_err(failed("clear the build directory"))?;
    Ok(recordings)
}

/// Makes the build directory, without what was there, and says where calls are written.
fn prepare(dir: &Utf8Path, options: &Options<'_>) -> io::Result<Utf8PathBuf> {
    fs::create_dir_all(dir)?;
    clear(dir)?;
    let calls = dir.join("calls");
    fs::create_dir(&calls)?;
    fs::create_dir(dir.join("bin"))?;
    let rustc = dir.join("bin").join(recorder::NAME);
    symlink(options.program.canonicalize()?, &rustc)?;
    fs::write(calls.join(recorder::REAL_FILE), options.rustc.as_str())?;
    fs::write(calls.join(NEEDED_FILE), serde_json::json!(options.needed).to_string())?;
    // A script sees what x.py gives it: nothing has to be put right.
    fs::write(calls.join(RESTORE_FILE), "{}")?;
    // What is downloaded is no step: nothing is. No tests run, which want programs of LLVM.
    let included = options.config.map(|file| format!("include = [{:?}]\n", file.as_str()));
    let text = format!(
        "change-id = \"ignore\"\n{}[build]\nrustc = {:?}\ncargo = {:?}\nbuild-dir = {:?}\n\
         [llvm]\ndownload-ci-llvm = false\n[rust]\ndownload-rustc = false\ncodegen-tests = false\n",
        included.unwrap_or_default(),
        rustc.as_str(),
        options.cargo.as_str(),
        dir.as_str()
    );
    fs::write(dir.join("bootstrap.toml"), text)?;
    Ok(calls)
}

/// Takes away all but what serves the next time.
fn clear(dir: &Utf8Path) -> io::Result<()> {
    for entry in dir.read_dir_utf8()? {
        let entry = entry?;
        if entry.file_name() == KEPT {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn failed(what: &'static str) -> impl Fn(io::Error) -> RecordError {
    move |source| RecordError::Io { what, source }
}
