//! Facts of this machine: programs are asked, files are read, nothing is changed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::net::UnixStream;
use std::process::Command;

use camino::Utf8Path;

use super::facts::{Drifts, Facts, Socket};
use super::private::Private;
use crate::cache::{self, CacheError, Setup};
use crate::files::reader;
use crate::flake::{self, LockState};
use crate::toolchain::on_path;

/// Where the Nix daemon listens.
const DAEMON: &str = "/nix/var/nix/daemon-socket/socket";

/// Emulators by the names that distributions give them.
const EMULATORS: [&str; 4] =
    ["qemu-aarch64", "qemu-aarch64-static", "qemu-x86_64", "qemu-x86_64-static"];

/// What is known of the machine without a project and its compiler.
#[must_use]
pub fn machine() -> Facts {
    let nix = answer("nix", &["--version"]);
    let plain = settings(&[]);
    let nix_command = plain.is_some();
    let allowed = ["--extra-experimental-features", "nix-command"];
    let settings = plain.or_else(|| settings(&allowed)).unwrap_or_default();
    Facts {
        nix,
        settings,
        nix_command,
        root: rustix::process::geteuid().is_root(),
        daemon: UnixStream::connect(DAEMON).is_ok(),
        processors: std::thread::available_parallelism().ok().map(usize::from),
        groups: groups(&reader::text("/etc/group").unwrap_or_default()),
        free: free("/nix/store"),
        binfmt: binfmt(),
        emulators: EMULATORS
            .into_iter()
            .filter(|name| on_path(name).is_some())
            .map(str::to_owned)
            .collect(),
        strace: on_path("strace").is_some(),
        sccache: match cache::version() {
            Ok(version) => version.filter(|words| !words.is_empty()),
            Err(error) => Some(error.to_string()),
        },
        ..Facts::default()
    }
}

/// The daemon of `setup`. Only one that says its figures is alive: the kernel takes connections for one
/// that stands still, too.
#[must_use]
pub fn socket(setup: &Setup) -> Socket {
    let path = setup.socket.clone();
    match cache::statistics(setup) {
        Ok(Some(stats)) if stats.mode == "ReadOnly" => Socket::Alive(path),
        Ok(Some(_)) => Socket::Open(path),
        Err(CacheError::Bare { .. }) => Socket::Bare(path),
        Err(CacheError::Hung { .. }) => Socket::Hung(path),
        Err(CacheError::Closed { .. }) => Socket::Closed(path),
        Ok(None) | Err(_) if path.exists() => Socket::Dead(path),
        Ok(None) | Err(_) => Socket::Absent(path),
    }
}

/// Where the flake in `dir` and its lock disagree.
pub fn drift(dir: &Utf8Path) -> Drifts {
    let tree = flake::load(dir).map_err(|error| error.to_string())?;
    let mut all = Vec::new();
    for one in tree.flakes {
        if let Err(failure) = one.flake {
            return Err(failure.to_string());
        }
        match one.lock {
            LockState::Broken(failure) => return Err(failure.to_string()),
            lock => all.extend(lock.drift().iter().map(|drift| {
                let place = if one.dir.as_str().is_empty() { "" } else { "in " };
                let dir = if place.is_empty() { String::new() } else { format!("{}: ", one.dir) };
                (format!("{place}{dir}{drift}"), drift.cure())
            })),
        }
    }
    Ok(all)
}

/// The kernel and the architecture, as a bug report names them.
#[must_use]
pub fn kernel() -> String {
    let system = rustix::system::uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    format!("{} {} {}", text(system.sysname()), text(system.release()), text(system.machine()))
}

/// Where this is, who is here, and what the environment says: nothing of it belongs in a report.
#[must_use]
pub fn private(project: &Utf8Path) -> Private {
    let uid = rustix::process::getuid().as_raw();
    let (user, own_home) =
        account(&reader::text("/etc/passwd").unwrap_or_default(), uid).unwrap_or_default();
    let variables: BTreeMap<String, String> = std::env::vars_os()
        .map(|(name, value)| {
            (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
        })
        .collect();
    let variable = |name: &str| variables.get(name).cloned().unwrap_or_default();
    // What a link leads to is said, too.
    let real = |path: &str| {
        fs::canonicalize(path).map_or_else(|_| String::new(), |path| path.display().to_string())
    };
    let here = [(project.as_str().to_owned(), "PROJECT"), (real(project.as_str()), "PROJECT")];
    let homes = [variable("HOME"), own_home];
    let homes = homes.iter().flat_map(|home| [(home.clone(), "~"), (real(home), "~")]);
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let short = host.split('.').next().unwrap_or_default().to_owned();
    let names = [
        (user, "USER"),
        (variable("USER"), "USER"),
        (variable("LOGNAME"), "USER"),
        (variable("HOSTNAME"), "HOST"),
        (short, "HOST"),
        (host, "HOST"),
    ];
    Private::new(here.into_iter().chain(homes), names, variables)
}

/// The name and the home of a user.
fn account(passwd: &str, uid: u32) -> Option<(String, String)> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, id, _, _, home, ..] = fields.as_slice() else { return None };
        (id.parse() == Ok(uid)).then(|| ((*name).to_owned(), (*home).to_owned()))
    })
}

/// The words of a program that is there and succeeds.
fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).env("LC_ALL", "C").output().ok()?;
    let words = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(words)
}

/// Nix's settings by name, whether its new commands are switched on or not.
#[must_use]
pub fn nix_settings() -> BTreeMap<String, String> {
    let allowed = ["--extra-experimental-features", "nix-command"];
    settings(&allowed).unwrap_or_default()
}

/// Nix's settings. The words: its JSON has numbers for features in old versions.
fn settings(flags: &[&str]) -> Option<BTreeMap<String, String>> {
    let ask = |command: &[&str]| answer("nix", &[flags, command].concat());
    let words = ask(&["config", "show"]).or_else(|| ask(&["show-config"]))?;
    let pairs = words.lines().filter_map(|line| line.split_once('='));
    Some(pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect())
}

/// The members of each group.
fn groups(text: &str) -> BTreeMap<String, usize> {
    let group = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let members = fields.nth(2)?;
        Some((name, members.split(',').filter(|member| !member.is_empty()).count()))
    };
    text.lines().filter_map(group).collect()
}

fn free(path: &str) -> Option<u64> {
    let space = rustix::fs::statvfs(path).ok()?;
    Some(space.f_bavail.saturating_mul(space.f_frsize))
}

fn binfmt() -> BTreeMap<String, bool> {
    let entries = fs::read_dir("/proc/sys/fs/binfmt_misc").into_iter().flatten().flatten();
    let mut known = BTreeMap::new();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let text = reader::text(entry.path()).unwrap_or_default();
        if name.starts_with("qemu-") && text.starts_with("enabled") {
            let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
            known.insert(name, flags.is_some_and(|flags| flags.contains('F')));
        }
    }
    known
}
