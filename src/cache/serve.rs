//! The daemon's process: sccache as a child that only we can reach, and the filter in front of it.

use std::fs;
use std::io::{self, Read as _, Seek as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::Signal;

use super::error::CacheError;
use super::filter::{Filter, Guests, Trial, trial};
use super::handshake::Handshake;
use super::trust;
use super::wire::{Cursor, Frame, answer, ask, question};

/// How long sccache may take to start: its remote storage is tried first.
pub(super) const START: Duration = Duration::from_secs(30);
/// What is kept of its last words.
const WORDS: u64 = 8 << 10;

/// What is served.
#[derive(Clone, Debug)]
pub struct Serve {
    /// sccache.
    pub program: Utf8PathBuf,
    /// The socket that sccache itself listens on, in a directory that only this user may enter.
    pub server: Utf8PathBuf,
    /// Whether who reaches the socket given as standard input may add to the cache.
    pub writes: bool,
    /// Whether standard output is another socket, of those who may add to it in any case.
    pub writers: bool,
}

/// Serves until sccache ends.
///
/// # Errors
/// [`CacheError::NoSocket`] where standard input is none, [`CacheError::Untrusted`] for a program that others
/// may write, sccache's own words if it does not start, [`CacheError::Protocol`] if it speaks otherwise.
pub fn serve(serve: &Serve) -> Result<(), CacheError> {
    let io = |source| CacheError::Io { action: "serve", path: serve.server.clone(), source };
    let readers = listener(io::stdin().as_fd().try_clone_to_owned().map_err(io)?)?;
    let writers = if serve.writers {
        Some(listener(io::stdout().as_fd().try_clone_to_owned().map_err(io)?)?)
    } else {
        None
    };
    trust::program(&serve.program)?;
    // Nothing that runs from here on becomes more than it is.
    rustix::thread::set_no_new_privs(true).map_err(|error| io(error.into()))?;
    let mut words = tempfile::tempfile().map_err(io)?;
    let mut child = spawn(serve, words.try_clone().map_err(io)?)
        .map_err(|source| CacheError::Io { action: "run", path: serve.program.clone(), source })?;
    if let Err(error) = wait(serve, &mut child, &mut words) {
        let _ = child.kill();
        let _ = child.wait();
        return Err(error);
    }
    let guests = Arc::new(Guests::new());
    let directory = PathBuf::from(std::env::var_os("SCCACHE_DIR").unwrap_or_default());
    for (listener, writes) in [(Some(readers), serve.writes), (writers, true)] {
        let Some(listener) = listener else { continue };
        let (server, guests) = (serve.server.clone(), Arc::clone(&guests));
        let filter = Filter { server, directory: directory.clone(), guests, writes };
        thread::Builder::new().spawn(move || filter.listen(listener)).map_err(io)?;
    }
    let status = child.wait().map_err(io)?;
    if status.success() {
        return Ok(());
    }
    Err(CacheError::failed("go on", last(&mut words).map_err(io)?.trim()))
}

fn listener(socket: OwnedFd) -> Result<UnixListener, CacheError> {
    let listens = rustix::net::sockopt::socket_acceptconn(&socket).unwrap_or(false);
    let listener = UnixListener::from(socket);
    if listens && listener.local_addr().is_ok() { Ok(listener) } else { Err(CacheError::NoSocket) }
}

/// Starts sccache through ourselves, who see to it that it ends when we do.
fn spawn(serve: &Serve, words: fs::File) -> io::Result<Child> {
    let mut command = Command::new("/proc/self/exe");
    command.args(["cache", "server"]).arg(&serve.program).current_dir("/");
    command.env("SCCACHE_SERVER_UDS", &serve.server);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(words);
    command.spawn()
}

/// Becomes sccache's daemon, which the kernel ends when the process that started this one ends.
///
/// # Errors
/// What keeps it from being run.
pub fn become_server(program: &Utf8Path) -> Result<(), CacheError> {
    let io = |source: io::Error| CacheError::Io { action: "run", path: program.to_owned(), source };
    let parent = rustix::process::getppid();
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| io(error.into()))?;
    if rustix::process::getppid() != parent {
        return Err(io(io::ErrorKind::BrokenPipe.into()));
    }
    trust::program(program)?;
    let mut command = Command::new(program);
    command.arg0("sccache").env("SCCACHE_START_SERVER", "1").env("SCCACHE_NO_DAEMON", "1");
    command.env_remove("SCCACHE_CLIENT_SIDE");
    Err(io(command.exec()))
}

/// Waits until sccache answers, as it should.
fn wait(serve: &Serve, child: &mut Child, words: &mut fs::File) -> Result<(), CacheError> {
    let io = |source| CacheError::Io { action: "ask", path: serve.server.clone(), source };
    let end = Instant::now() + START;
    while handshake(&serve.server, Duration::from_secs(1)).is_err() {
        if child.try_wait().map_err(io)?.is_some() {
            return Err(CacheError::failed("start", last(words).map_err(io)?.trim()));
        }
        if Instant::now() >= end {
            return Err(CacheError::Hung { socket: serve.server.clone() });
        }
        thread::sleep(Duration::from_millis(5));
    }
    match trial(&serve.server).map_err(io)? {
        Trial::Passed => Ok(()),
        Trial::Other => Err(CacheError::Protocol { program: serve.program.clone() }),
    }
}

/// What the cache on `socket` says of itself.
pub(super) fn handshake(socket: &Utf8Path, limit: Duration) -> io::Result<Handshake> {
    let (choice, words) = ask(socket, Frame::new(question::HANDSHAKE), limit)?;
    (choice == answer::HANDSHAKE)
        .then(|| Handshake::read(&mut Cursor(&words)))
        .flatten()
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// The beginning of what it said.
fn last(words: &mut fs::File) -> io::Result<String> {
    words.rewind()?;
    let mut bytes = Vec::new();
    words.take(WORDS).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
