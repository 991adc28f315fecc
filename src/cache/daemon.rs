//! Starting the daemon, asking it, stopping it.

use std::fs;
use std::io::{self, ErrorKind, Read as _, Seek as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use super::error::CacheError;
use super::handshake::{Handshake, OURS};
use super::places::{Owner, Places};
use super::serve::{START, handshake};
use super::setup::{Setup, storage};
use super::stats::Stats;
use super::trust;
use super::version::{OLDEST, Version};
use super::wire::{Frame, answer, ask, question};

/// How long an sccache may take to say its version.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a daemon may take to answer.
const ANSWER: Duration = Duration::from_secs(2);

/// What is read of what a program says.
const WORDS: u64 = 8 << 10;

/// What `start` found or did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// It runs now.
    Now,
    /// It ran before, and was left alone. Whether every build that sees it may add to the cache.
    Before {
        /// Whether it may.
        writes: bool,
    },
}

/// The sccache that `SCCACHE` names or PATH has, checked.
///
/// # Errors
/// [`CacheError::Missing`], [`CacheError::Untrusted`], [`CacheError::NotSccache`], [`CacheError::Old`].
pub fn find() -> Result<Utf8PathBuf, CacheError> {
    let program = place()?;
    let said = said(&program)?;
    match Version::parse(&said) {
        Some(version) if version >= OLDEST => Ok(program),
        Some(found) => Err(CacheError::Old { program, found }),
        None => Err(CacheError::NotSccache { program, said }),
    }
}

/// Where it is. Nothing is run.
fn place() -> Result<Utf8PathBuf, CacheError> {
    let named = std::env::var("SCCACHE").ok().filter(|path| !path.is_empty());
    let path = std::env::var("PATH").unwrap_or_default();
    let found = named
        .map(Utf8PathBuf::from)
        .into_iter()
        .chain(path.split(':').map(|dir| Utf8Path::new(dir).join("sccache")))
        .find(|file| file.is_file())
        .ok_or(CacheError::Missing)?;
    let io = |source| CacheError::Io { action: "find", path: found.clone(), source };
    trust::program(&std::path::absolute(&found).and_then(utf8).map_err(io)?)?;
    found.canonicalize_utf8().map_err(io)
}

fn utf8(path: std::path::PathBuf) -> io::Result<Utf8PathBuf> {
    Utf8PathBuf::from_path_buf(path).map_err(|_| ErrorKind::InvalidInput.into())
}

/// What the sccache that would be used says of itself; none if there is none.
///
/// # Errors
/// [`CacheError::Untrusted`]: then it is not run.
pub fn version() -> Result<Option<String>, CacheError> {
    match place() {
        Err(CacheError::Missing) => Ok(None),
        other => said(&other?).map(Some),
    }
}

fn said(program: &Utf8Path) -> Result<String, CacheError> {
    let io = |source| CacheError::Io { action: "run", path: program.to_owned(), source };
    let mut words = tempfile::tempfile().map_err(io)?;
    let mut command = Command::new(program);
    // Whatever its file is called.
    command.arg0("sccache").arg("--version").stdin(Stdio::null()).stderr(Stdio::null());
    let mut child = command.stdout(words.try_clone().map_err(io)?).spawn().map_err(io)?;
    let end = Instant::now() + PATIENCE;
    while child.try_wait().map_err(io)?.is_none() {
        if Instant::now() >= end {
            stop_child(&mut child);
            return Ok(String::new());
        }
        thread::sleep(Duration::from_millis(5));
    }
    let text = read(&mut words).map_err(io)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
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
    let places = Places::make(setup, owner)?;
    if let Some(found) = greeting(setup)? {
        places.install(program)?;
        return Ok(Started::Before { writes: found.writes });
    }
    places.install(program)?;
    let shown = places.own.dir.listen("new.sock", owner.group)?;
    let writers = places.own.dir.listen("new-writers.sock", owner.group)?;
    let io = |source| CacheError::Io { action: "start", path: setup.program.clone(), source };
    let mut words = tempfile::tempfile().map_err(io)?;
    let mut command = serve(setup);
    command.stdin(OwnedFd::from(shown)).stdout(OwnedFd::from(writers));
    command.stderr(words.try_clone().map_err(io)?);
    if let Some((uid, gid)) = owner.user {
        // Who starts it may have a place for temporary files that the other may not write to, and a home
        // that is none of the other's business.
        command.uid(uid).gid(gid).env_remove("TMPDIR").env_remove("HOME");
    }
    let mut child = command.spawn().map_err(io)?;
    let fresh = setup.own.join("new.sock");
    if let Err(error) = wait(&fresh, &mut child, &mut words) {
        stop_child(&mut child);
        return Err(error);
    }
    // Builds see a socket that answers, or none.
    places.own.dir.give("new-writers.sock", &places.writers.dir, "server.sock")?;
    places.own.dir.give("new.sock", &places.shown.dir, "server.sock")?;
    Ok(Started::Now)
}

/// Ourselves as the daemon, told what it needs, without what this shell says to other sccaches.
fn serve(setup: &Setup) -> Command {
    // By this name the daemon's user runs it wherever it lies.
    let mut command = Command::new("/proc/self/exe");
    command.args(["cache", "serve", "--writers"]).arg("--program").arg(&setup.program);
    command.arg("--server").arg(&setup.server);
    if setup.writes {
        command.arg("--write");
    }
    for (name, _) in std::env::vars_os() {
        // A storage's secrets are better not in a file of the repository.
        let name_text = name.to_string_lossy();
        if name_text.starts_with("SCCACHE_") && storage(&name_text).is_none() {
            command.env_remove(name);
        }
    }
    command.envs(&setup.environment).current_dir("/");
    // Ctrl-C in the shell that starts it is not meant for it.
    command.process_group(0);
    command
}

/// Waits until a build would get an answer.
fn wait(socket: &Utf8Path, child: &mut Child, words: &mut fs::File) -> Result<(), CacheError> {
    let io = |source| CacheError::Io { action: "ask", path: socket.to_owned(), source };
    // It gives up by itself before.
    let end = Instant::now() + START + ANSWER;
    loop {
        match handshake(socket, Duration::from_millis(200)) {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(io(error)),
            Err(_) => {}
        }
        if child.try_wait().map_err(io)?.is_some() {
            return Err(CacheError::failed("start", read(words).map_err(io)?.trim()));
        }
        if Instant::now() >= end {
            return Err(CacheError::Hung { socket: socket.to_owned() });
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn stop_child(child: &mut Child) {
    // One that has ended already is ended.
    let _ = child.kill();
    let _ = child.wait();
}

/// Stops the daemon; false if none ran.
///
/// # Errors
/// As [`statistics`]; [`CacheError::Io`] if the socket cannot be removed.
pub fn stop(setup: &Setup) -> Result<bool, CacheError> {
    if greeting(setup)?.is_none() {
        return Ok(false);
    }
    control(setup, question::STOP, answer::STOPPING)?;
    let end = Instant::now() + START;
    while greeting(setup).is_ok_and(|found| found.is_some()) && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
    for place in [&setup.run, &setup.writers] {
        super::places::Place::make(place, 0o755)?.remove("server.sock")?;
    }
    Ok(true)
}

/// The daemon's figures; none if no daemon answers.
///
/// # Errors
/// [`CacheError::Hung`] if something listens and says nothing, [`CacheError::Bare`] if it is no filter of ours,
/// [`CacheError::Closed`] if it is not for this user.
pub fn statistics(setup: &Setup) -> Result<Option<Stats>, CacheError> {
    let Some(found) = greeting(setup)? else { return Ok(None) };
    let Some(words) = control(setup, question::STATS, answer::STATS)? else { return Ok(None) };
    let mut stats = Stats::read(&words, found.writes, setup.limit)?;
    stats.size = stats.size.or_else(|| size(&setup.directory));
    Ok(Some(stats))
}

/// What builds are told on the socket that they see; none if nobody listens.
fn greeting(setup: &Setup) -> Result<Option<Handshake>, CacheError> {
    let found = outcome(setup, handshake(&setup.socket, ANSWER))?;
    match found {
        Some(found) if found.location != OURS => {
            Err(CacheError::Bare { socket: setup.socket.clone() })
        }
        other => Ok(other),
    }
}

/// What only the daemon's user and root may ask, on sccache's own socket.
fn control(setup: &Setup, ask_for: u32, expected: u32) -> Result<Option<Vec<u8>>, CacheError> {
    match outcome(setup, ask(&setup.server, Frame::new(ask_for), ANSWER))? {
        Some((choice, words)) if choice == expected => Ok(Some(words)),
        Some(_) => Err(CacheError::Statistics),
        None => Ok(None),
    }
}

fn outcome<T>(setup: &Setup, found: io::Result<T>) -> Result<Option<T>, CacheError> {
    let socket = || setup.socket.clone();
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) => match error.kind() {
            // Nobody, or one who is just going.
            ErrorKind::NotFound
            | ErrorKind::ConnectionRefused
            | ErrorKind::NotADirectory
            | ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof => Ok(None),
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                Err(CacheError::Hung { socket: socket() })
            }
            ErrorKind::PermissionDenied => Err(CacheError::Closed { socket: socket() }),
            ErrorKind::InvalidData => Err(CacheError::Bare { socket: socket() }),
            _ => Err(CacheError::Io { action: "ask", path: socket(), source: error }),
        },
    }
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

fn read(words: &mut fs::File) -> io::Result<String> {
    let mut bytes = Vec::new();
    words.rewind()?;
    words.take(WORDS).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
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
