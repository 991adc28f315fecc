//! The machine's own toolchain: rustc, a C compiler and a shell, by their real paths.
//!
//! Nix's sandbox shows what `extra-sandbox-paths` names and nothing else: no `/etc/alternatives`,
//! so every link is followed here, and what a program is *called* by is made anew by the provider.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;
use thiserror::Error;

use super::cross::{CrossTools, emulator};
use super::registries::{self, Registry};
use super::seals::{self, Seals};
use super::search::on_path;
use crate::cargo::probe::is_standard_library;
use crate::model::Triple;

/// Why the machine's toolchain cannot be described.
#[derive(Debug, Error, Diagnostic)]
pub enum HostError {
    /// A program is missing.
    #[error("there is no `{program}` on PATH")]
    #[diagnostic(help("{help}"))]
    Missing {
        /// Its name.
        program: String,
        /// How to get it.
        help: String,
    },
    /// A program did not answer.
    #[error("`{command}` failed: {reason}")]
    Failed {
        /// The command.
        command: String,
        /// Its words.
        reason: String,
    },
    /// A machine that Nix cannot build on.
    #[error("no Nix system is known for rustc's host `{0}`")]
    #[diagnostic(help("x86_64-linux and aarch64-linux are supported build machines"))]
    System(String),
}

/// What scripts begin with. A Nix that was built with a shell for its sandbox shows that one in its place.
pub const SCRIPT_SHELL: &str = "/bin/sh";

/// What the host provider needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostToolchain {
    /// Nix's name of the build machine.
    pub system: String,
    /// rustc's name of it.
    pub host: Triple,
    /// The directory of rustc's own files.
    pub sysroot: Utf8PathBuf,
    /// Real paths.
    pub rustc: Utf8PathBuf,
    /// Real path.
    pub rustdoc: Utf8PathBuf,
    /// Real path.
    pub cargo: Utf8PathBuf,
    /// The shell that runs the builder.
    pub shell: Utf8PathBuf,
    /// Directories of further programs (coreutils, tar, gzip, grep).
    pub path: Vec<Utf8PathBuf>,
    /// Programs by the name they are called by.
    pub links: BTreeMap<String, Utf8PathBuf>,
    /// The linker of each foreign target that has one here.
    pub linkers: BTreeMap<Triple, Utf8PathBuf>,
    /// Variables of each target: `CC_<target>` and the like.
    pub target_env: BTreeMap<Triple, BTreeMap<String, String>>,
    /// The command that runs a foreign target's programs here.
    pub runners: BTreeMap<Triple, Vec<String>>,
    /// Targets that the compiler has a standard library for.
    pub targets: BTreeSet<String>,
    /// `rustc -vV`, the C compiler's and the linker's first lines: a new compiler is a new hash.
    pub fingerprint: Vec<String>,
    /// What rustc and its libraries are, for builders to check.
    pub compiler_seals: Seals,
    /// The same of the C compiler, the linker and the C library.
    pub linker_seals: Seals,
    /// What is seen of each further target.
    pub foreign: BTreeMap<Triple, Foreign>,
    /// The real path of this machine's [`SCRIPT_SHELL`]; of bash where there is none.
    pub script_shell: Utf8PathBuf,
    /// What `extra-sandbox-paths` must name, beside [`Self::shown_script_shell`], which not every project
    /// needs.
    pub sandbox_paths: Vec<Utf8PathBuf>,
    /// Where crates come from.
    pub registries: BTreeMap<String, Registry>,
}

/// What a further target needs beside the machine's own tools. Only that target's steps have it in their hashes:
/// a cross compiler that comes to a machine leaves the steps of all others as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreign {
    /// The first line of its C compiler.
    pub fingerprint: Vec<String>,
    /// Its standard library.
    pub compiler_seals: Seals,
    /// Its C compiler and C library.
    pub linker_seals: Seals,
}

impl HostToolchain {
    /// What `extra-sandbox-paths` names for [`SCRIPT_SHELL`]. With the real file, as current Nix shows a link as
    /// the link that it is, and `sh` is one (Nix 2.34, `doBind`; 2.8 follows it).
    #[must_use]
    pub fn shown_script_shell(&self) -> String {
        format!("{SCRIPT_SHELL}={}", self.script_shell)
    }
}

/// Describes this machine as seen from `dir`: which compiler a proxy starts depends on where. Of the `foreign` targets
/// the tools are told, too, although the compiler may have no standard library for them.
///
/// # Errors
/// [`HostError`] for what is missing or does not answer.
pub fn probe(
    dir: &Utf8Path,
    rustc: &str,
    cargo: &str,
    cargo_home: &Utf8Path,
    registry_folders: &BTreeMap<String, String>,
    foreign: &BTreeSet<Triple>,
) -> Result<HostToolchain, HostError> {
    let version = answer(dir, rustc, &["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let system = match host.split('-').next() {
        Some("x86_64") if host.contains("linux") => "x86_64-linux",
        Some("aarch64") if host.contains("linux") => "aarch64-linux",
        _ => return Err(HostError::System(host.to_owned())),
    };
    let host = Triple::new(host).map_err(|_| HostError::System(host.to_owned()))?;
    let sysroot = Utf8PathBuf::from(answer(dir, rustc, &["--print", "sysroot"])?);
    let in_sysroot = |name: &str| {
        let path = sysroot.join("bin").join(name);
        path.canonicalize_utf8().ok().filter(|path| path.is_file())
    };
    let compiler = in_sysroot("rustc").map_or_else(|| find(rustc), Ok)?;
    let rustdoc = in_sysroot("rustdoc").map_or_else(|| find("rustdoc"), Ok)?;
    let beside = in_sysroot("cargo").filter(|_| !cargo.contains('/'));
    let cargo = beside.map_or_else(|| find(cargo), Ok)?;
    let shell = find("bash")?;

    let mut links = BTreeMap::new();
    for name in ["cc", "c++", "gcc", "g++", "ar", "ranlib", "ld", "nm", "strip", "objcopy", "awk"] {
        if let Ok(path) = find(name) {
            links.insert(name.to_owned(), path);
        }
    }
    let cc = links.get("cc").cloned().ok_or_else(|| HostError::Missing {
        program: "cc".to_owned(),
        help: "install a C compiler, which rustc links with (`apt-get install gcc`)".to_owned(),
    })?;

    let library = sysroot.join("lib/rustlib");
    let mut targets = BTreeSet::new();
    for entry in library.read_dir_utf8().into_iter().flatten().flatten() {
        if is_standard_library(&entry.path().join("lib")) {
            targets.insert(entry.file_name().to_owned());
        }
    }
    let mut linkers = BTreeMap::new();
    let mut target_env = BTreeMap::new();
    let mut runners = BTreeMap::new();
    let mut foreign_tools = BTreeMap::new();
    let known = targets.iter().filter_map(|name| Triple::new(name.as_str()).ok());
    let known: BTreeSet<Triple> = known.chain(foreign.iter().cloned()).collect();
    for triple in known.into_iter().filter(|triple| *triple != host) {
        let mut needs = Foreign::default();
        if targets.contains(triple.as_str()) {
            needs.compiler_seals = seals::standard_library(&sysroot, &triple);
        }
        if let Some(tools) = CrossTools::find(&triple) {
            target_env.insert(triple.clone(), tools.env(&triple, &links));
            needs.fingerprint.extend(first_line(dir, &tools.cc)?);
            needs.linker_seals = seals::linkers(&tools.cc, None);
            linkers.insert(triple.clone(), tools.cc);
        }
        if needs != Foreign::default() {
            foreign_tools.insert(triple.clone(), needs);
        }
        if let Some(runner) = emulator(&triple, &host) {
            runners.insert(triple, runner);
        }
    }

    let mut fingerprint: Vec<String> = version.lines().map(str::to_owned).collect();
    for program in std::iter::once(&cc).chain(links.get("ld")) {
        fingerprint.extend(first_line(dir, program)?);
    }
    let mut compiler_seals = seals::compiler(&compiler, &sysroot);
    compiler_seals.extend(seals::standard_library(&sysroot, &host));
    let linker_seals = seals::linkers(&cc, links.get("ld"));
    let mut roots: BTreeSet<Utf8PathBuf> =
        ["/usr", "/lib", "/lib64"].iter().map(Utf8PathBuf::from).filter(|p| p.exists()).collect();
    for path in [&compiler, &rustdoc, &cargo, &shell, &sysroot].into_iter().chain(links.values()) {
        // What lies in the store is shown to the steps that name it.
        if !roots.iter().any(|root| path.starts_with(root)) && !path.starts_with("/nix/store") {
            roots.insert(if path.starts_with(&sysroot) { sysroot.clone() } else { path.clone() });
        }
    }
    let mut path: Vec<Utf8PathBuf> = Vec::new();
    for name in ["mkdir", "tar", "gzip", "grep", "sort", "find", "env"] {
        let dir = find(name)?.parent().map(Utf8Path::to_owned).unwrap_or_default();
        if !path.contains(&dir) {
            path.push(dir);
        }
    }
    let script_shell =
        Utf8Path::new(SCRIPT_SHELL).canonicalize_utf8().unwrap_or_else(|_| shell.clone());
    Ok(HostToolchain {
        system: system.to_owned(),
        host,
        rustc: compiler,
        rustdoc,
        cargo,
        shell,
        path,
        links,
        linkers,
        target_env,
        runners,
        targets,
        fingerprint,
        compiler_seals,
        linker_seals,
        foreign: foreign_tools,
        script_shell,
        sandbox_paths: roots.into_iter().collect(),
        registries: registries::read(cargo_home, registry_folders),
        sysroot,
    })
}

/// The real path of a program on PATH.
fn find(program: &str) -> Result<Utf8PathBuf, HostError> {
    let place =
        if program.contains('/') { Some(Utf8PathBuf::from(program)) } else { on_path(program) };
    place.and_then(|path| path.canonicalize_utf8().ok()).ok_or_else(|| missing(program))
}

fn missing(program: &str) -> HostError {
    HostError::Missing {
        program: program.to_owned(),
        help: match program {
            "rustc" | "cargo" => format!("install Rust (rustup.rs), or put `{program}` on PATH"),
            _ => format!("install `{program}`, or put it on PATH"),
        },
    }
}

/// The first line of what a program says of its version.
fn first_line(dir: &Utf8Path, program: &Utf8Path) -> Result<Option<String>, HostError> {
    let said = answer(dir, program.as_str(), &["--version"])?;
    Ok(said.lines().next().map(str::to_owned))
}

fn answer(dir: &Utf8Path, program: &str, args: &[&str]) -> Result<String, HostError> {
    let command = format!("{program} {}", args.join(" "));
    let output = Command::new(program).args(args).current_dir(dir).env("LC_ALL", "C").output();
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound => missing(program),
        _ => HostError::Failed { command: command.clone(), reason: error.to_string() },
    })?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(HostError::Failed { command, reason });
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
