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
use super::super::raw_call;
use super::super::record::{attend, start_error};
use super::super::recording::{OutDirs, Recording};
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
    /// The tools that are recorded after it.
    pub tools: Vec<Tool>,
    /// The first compiler, the program itself and no proxy of it.
    pub rustc: &'a Utf8Path,
    /// Its Cargo.
    pub cargo: &'a Utf8Path,
    /// This program.
    pub program: &'a Path,
    /// The host units that scripts are made of.
    pub needed: &'a Needed,
    /// Whether what scripts leave is compared.
    pub out_dirs: OutDirs,
    /// Told the number of units so far.
    pub progress: &'a mut dyn FnMut(usize),
}

/// A tool of the tree.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its directory, from the root of the tree.
    pub dir: Utf8PathBuf,
    /// The stage that it is made for: the compiler of the stage before makes it.
    pub stage: u32,
    /// The name of x.py's target directory for it.
    pub target_directory: String,
}

/// What x.py ran.
#[derive(Debug, Default)]
pub struct Recordings {
    /// Of the compiler and the library, by x.py's target directories.
    pub stages: BTreeMap<String, Recording>,
    /// Of tools, by their names.
    pub tools: BTreeMap<String, Recording>,
}

/// Records what x.py runs: all stages at once, and each tool by itself, because x.py has one target
/// directory for all tools.
///
/// # Errors
/// x.py fails, or cannot be started.
pub fn record(options: &mut Options<'_>) -> Result<Recordings, RecordError> {
    let watch = Watch::start().map_err(failed("watch for signals"))?;
    let dir = options.root.join(DIRECTORY);
    prepare(&dir, options).map_err(failed("prepare the build directory"))?;
    let calls = place(&dir, "calls", options).map_err(failed("prepare the build directory"))?;
    let compiler = Build { dir: &dir, calls, path: "compiler/rustc".into(), stage: options.stage };
    let stages = compiler.recorded(options, &watch)?;
    if stages.is_empty() {
        return Err(RecordError::NotCalled);
    }
    let mut recordings = Recordings { stages, ..Recordings::default() };
    for tool in options.tools.clone() {
        clear_tools(&dir, &tool.target_directory).map_err(failed("clear the build directory"))?;
        let calls = place(&dir, &format!("calls-{}", tool.name), options);
        let calls = calls.map_err(failed("prepare the build directory"))?;
        let build = Build { dir: &dir, calls, path: tool.dir, stage: tool.stage };
        let mut found = build.recorded(options, &watch)?;
        if let Some(found) = found.remove(&tool.target_directory) {
            recordings.tools.insert(tool.name, found);
        }
    }
    clear(&dir).map_err(failed("clear the build directory"))?;
    Ok(recordings)
}

/// One run of x.py.
struct Build<'a> {
    /// The build directory.
    dir: &'a Utf8Path,
    /// Where calls are written.
    calls: Utf8PathBuf,
    /// What is built, as x.py names it.
    path: Utf8PathBuf,
    stage: u32,
}

impl Build<'_> {
    fn recorded(
        &self,
        options: &mut Options<'_>,
        watch: &Watch,
    ) -> Result<BTreeMap<String, Recording>, RecordError> {
        let child = self.command(options).spawn();
        let mut child = child.map_err(|source| start_error("python3".as_ref(), source))?;
        let (status, stderr) = attend(&mut child, watch, &self.calls, options.progress)?;
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
        let all = raw_call::calls_of(&self.calls)?.into_iter().map(|(_, call)| call).collect();
        let version = Command::new(options.cargo).arg("-V").output();
        let version = version.map_err(|source| start_error(options.cargo.as_ref(), source))?;
        let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
        modes::by_directory(all, options.root, &version, &links, options.out_dirs)
    }

    fn command(&self, options: &Options<'_>) -> Command {
        let mut command = Command::new("python3");
        let stage = self.stage.to_string();
        command.current_dir(options.root).arg("x.py").arg("build").args(["--stage", &stage]);
        command.arg("--config").arg(self.dir.join("bootstrap.toml"));
        command.arg("--build-dir").arg(self.dir);
        // Lints of newer compilers than the tree was written for.
        command.args(["--warnings", "warn"]).arg(&self.path);
        for name in environment::current().keys() {
            if environment::is_from_an_outer_cargo(name) {
                command.env_remove(name);
            }
        }
        command
            // x.py sets it itself.
            .env_remove("RUSTC_BOOTSTRAP")
            .env(RECORD_DIR, &self.calls)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0);
        command
    }
}

/// Makes the build directory, without what was there.
fn prepare(dir: &Utf8Path, options: &Options<'_>) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    clear(dir)?;
    fs::create_dir(dir.join("bin"))?;
    let rustc = dir.join("bin").join(recorder::NAME);
    symlink(options.program.canonicalize()?, &rustc)?;
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
    fs::write(dir.join("bootstrap.toml"), text)
}

/// A new directory in which calls are written.
fn place(dir: &Utf8Path, name: &str, options: &Options<'_>) -> io::Result<Utf8PathBuf> {
    let calls = dir.join(name);
    fs::create_dir(&calls)?;
    fs::write(calls.join(recorder::REAL_FILE), options.rustc.as_str())?;
    fs::write(calls.join(NEEDED_FILE), serde_json::json!(options.needed).to_string())?;
    // A script sees what x.py gives it: nothing has to be put right.
    fs::write(calls.join(RESTORE_FILE), "{}")?;
    Ok(calls)
}

/// Takes away what an earlier tool left in `target_directory`, which several tools have.
fn clear_tools(dir: &Utf8Path, target_directory: &str) -> io::Result<()> {
    for host in dir.read_dir_utf8()? {
        let of_tools = host?.path().join(target_directory);
        if of_tools.is_dir() {
            fs::remove_dir_all(of_tools)?;
        }
    }
    Ok(())
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
