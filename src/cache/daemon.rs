//! Starting the daemon, asking it, stopping it.

use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::Access;

use super::error::CacheError;
use super::setup::{Setup, storage};
use super::stats::Stats;
use super::version::{OLDEST, Version};

/// How long an sccache may take to say its version.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a daemon may take to say its figures.
const ANSWER: Duration = Duration::from_secs(2);
/// How long a daemon may take to start: its remote storage is tried first.
const START: Duration = Duration::from_secs(30);

/// What `start` found or did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// It runs now.
    Now,
    /// It ran before, and was left alone.
    Before,
}

/// Who a daemon that root starts runs as, and who may reach it: user and group ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Owner {
    user: Option<(u32, u32)>,
    group: Option<u32>,
}

/// The sccache that `SCCACHE` names or PATH has, checked.
///
/// # Errors
/// [`CacheError::Missing`], [`CacheError::NotSccache`], [`CacheError::Old`].
pub fn find() -> Result<Utf8PathBuf, CacheError> {
    let named = std::env::var("SCCACHE").ok().filter(|path| !path.is_empty());
    let path = std::env::var("PATH").unwrap_or_default();
    let found = named
        .map(Utf8PathBuf::from)
        .into_iter()
        .chain(path.split(':').map(|dir| Utf8Path::new(dir).join("sccache")))
        .find(|file| file.is_file())
        .ok_or(CacheError::Missing)?;
    let program = found.canonicalize_utf8().map_err(|source| CacheError::Io {
        action: "find",
        path: found,
        source,
    })?;
    let (_, said) = finish(Command::new(&program).arg("--version"), PATIENCE)
        .map_err(|source| CacheError::Io { action: "run", path: program.clone(), source })?
        .unwrap_or_default();
    let first = said.lines().next().unwrap_or_default();
    match Version::parse(first) {
        Some(version) if version >= OLDEST => Ok(program),
        Some(found) => Err(CacheError::Old { program, found }),
        None => Err(CacheError::NotSccache { program, said: first.to_owned() }),
    }
}

/// Puts `program` where builds see it and starts the daemon, unless one answers already. As root,
/// `user` is whom it runs as and `group` who may reach it besides.
///
/// # Errors
/// Any [`CacheError`]; a daemon that does not answer is left alone.
pub fn start(
    setup: &Setup,
    program: &Utf8Path,
    user: Option<&str>,
    group: Option<&str>,
) -> Result<Started, CacheError> {
    let owner = Owner {
        user: user.map(|name| account("user", "/etc/passwd", name)).transpose()?,
        group: group.map(|name| account("group", "/etc/group", name)).transpose()?.map(|ids| ids.0),
    };
    directory(&setup.run, 0o755, owner)?;
    directory(&setup.run.join("bin"), 0o755, owner)?;
    install(program, &setup.program)?;
    if statistics(setup)?.is_some() {
        return Ok(Started::Before);
    }
    directory(&setup.directory, 0o700, owner)?;
    let mut command = sccache(setup);
    // A storage's secrets are better not in a file of the repository.
    let secrets = std::env::vars_os()
        .filter(|(name, _)| name.to_str().is_some_and(|name| storage(name).is_some()));
    command.arg("--start-server").envs(secrets).envs(&setup.environment);
    if let Some((uid, gid)) = owner.user {
        // Who starts it may have a place for temporary files that the other may not write to.
        command.uid(uid).gid(gid).env_remove("TMPDIR");
    }
    run(&mut command, "start", START, setup)?;
    // Its own mask lets nobody else write to the socket, and who cannot write cannot ask.
    let io =
        |source| CacheError::Io { action: "open to builds", path: setup.socket.clone(), source };
    if owner.group.is_some() {
        chown(&setup.socket, None, owner.group).map_err(io)?;
    }
    let mode = if owner.group.is_some() { 0o660 } else { 0o600 };
    fs::set_permissions(&setup.socket, fs::Permissions::from_mode(mode)).map_err(io)?;
    Ok(Started::Now)
}

/// Stops the daemon; false if none ran.
///
/// # Errors
/// As [`statistics`]; [`CacheError::Io`] if the socket cannot be removed.
pub fn stop(setup: &Setup) -> Result<bool, CacheError> {
    if statistics(setup)?.is_none() {
        return Ok(false);
    }
    run(sccache(setup).arg("--stop-server"), "stop", START, setup)?;
    match fs::remove_file(&setup.socket) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(CacheError::Io { action: "remove", path: setup.socket.clone(), source })
        }
        _ => Ok(true),
    }
}

/// The daemon's figures; none if no daemon answers.
///
/// # Errors
/// [`CacheError::Hung`] if something listens and says nothing, [`CacheError::Closed`] if it is not for
/// this user, or sccache's own words.
pub fn statistics(setup: &Setup) -> Result<Option<Stats>, CacheError> {
    if !setup.socket.exists() || !setup.program.is_file() {
        return Ok(None);
    }
    // Without the right to write nobody may connect, and sccache calls that a daemon that is not there.
    if rustix::fs::access(setup.socket.as_str(), Access::WRITE_OK).is_err() {
        return Err(CacheError::Closed { socket: setup.socket.clone() });
    }
    let mut command = sccache(setup);
    command.args(["--show-stats", "--stats-format=json"]);
    let text = run(&mut command, "show its figures", ANSWER, setup)?;
    Stats::parse(&text, size(&setup.directory), setup.limit)
}

/// What the files below `directory` take, in bytes; none if it cannot be read.
#[must_use]
pub fn size(directory: &Utf8Path) -> Option<u64> {
    let mut total = 0;
    for entry in directory.read_dir_utf8().ok()? {
        let entry = entry.ok()?;
        // What is evicted meanwhile counts nothing.
        let Ok(data) = entry.metadata() else { continue };
        total += if data.is_dir() { size(entry.path())? } else { data.len() };
    }
    Some(total)
}

/// sccache as a client of the daemon, without what this shell says to other sccaches.
fn sccache(setup: &Setup) -> Command {
    let mut command = Command::new(&setup.program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SCCACHE_") {
            command.env_remove(name);
        }
    }
    command.env("SCCACHE_SERVER_UDS", &setup.socket).env("SCCACHE_CONF", "/dev/null");
    command.env("SCCACHE_DIR", &setup.directory).current_dir("/");
    command
}

fn run(
    command: &mut Command,
    action: &'static str,
    limit: Duration,
    setup: &Setup,
) -> Result<String, CacheError> {
    let io = |source| CacheError::Io { action: "run", path: setup.program.clone(), source };
    match finish(command, limit).map_err(io)? {
        None => Err(CacheError::Hung { socket: setup.socket.clone() }),
        Some((true, text)) => Ok(text),
        Some((false, text)) => Err(CacheError::failed(action, text.trim())),
    }
}

/// Runs to the end, or to the limit (none). Whether it went well, and what it printed: both streams
/// where it failed.
fn finish(command: &mut Command, limit: Duration) -> io::Result<Option<(bool, String)>> {
    // Files, not pipes: a daemon keeps what it is started with, and a pipe would never end.
    let (stdout, stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    command.stdin(Stdio::null()).stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
    let mut child = command.spawn()?;
    let end = Instant::now() + limit;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() >= end => {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    let mut text = read(stdout)?;
    if !status.success() {
        text.push_str(&read(stderr)?);
    }
    Ok(Some((status.success(), text)))
}

fn read(mut file: fs::File) -> io::Result<String> {
    use std::io::Seek as _;
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Makes a directory with its parents. One that is there keeps its mode.
fn directory(path: &Utf8Path, mode: u32, owner: Owner) -> Result<(), CacheError> {
    let io = |source| CacheError::Io { action: "make", path: path.to_owned(), source };
    if !path.is_dir() {
        fs::create_dir_all(path).map_err(io)?;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(io)?;
    }
    match owner.user {
        Some((uid, gid)) => chown(path, Some(uid), Some(gid)).map_err(io),
        None => Ok(()),
    }
}

/// Copies the program under its own name, whole or not at all; builds may run the old one meanwhile.
fn install(program: &Utf8Path, place: &Utf8Path) -> Result<(), CacheError> {
    let io = |source| CacheError::Io { action: "write", path: place.to_owned(), source };
    let new = fs::read(program).map_err(io)?;
    if fs::read(place).is_ok_and(|old| old == new) {
        return Ok(());
    }
    let dir = place.parent().unwrap_or(place);
    let file = tempfile::NamedTempFile::new_in(dir).map_err(io)?;
    fs::write(file.path(), &new).map_err(io)?;
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o755)).map_err(io)?;
    file.persist(place).map_err(|error| io(error.error))?;
    Ok(())
}

/// The id of an account and of its group (`NAME:x:ID:GROUP:...` in passwd, `NAME:x:ID:...` in group).
fn account(kind: &'static str, file: &str, name: &str) -> Result<(u32, u32), CacheError> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let fields = text.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let number = |fields: &[&str], at: usize| fields.get(at).and_then(|text| text.parse().ok());
    fields
        .into_iter()
        .find(|fields| fields.first() == Some(&name))
        .and_then(|fields| {
            let id = number(&fields, 2)?;
            Some((id, number(&fields, 3).unwrap_or(id)))
        })
        .ok_or_else(|| CacheError::Nobody { kind, name: name.to_owned() })
}
