//! Starts Nix, stamps what it says, and stops it when asked to.

use std::io::{BufRead as _, BufReader, ErrorKind, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use rustix::process::{Pid, Signal};

use super::error::BuildError;
use super::line::Line;
use crate::process::interrupt::Watch;

/// How often a display may change, and signals are looked for.
const TICK: Duration = Duration::from_millis(100);

/// How long a program that Nix left behind is listened to after Nix has ended.
const LINGER: Duration = Duration::from_secs(1);

/// What happens while Nix runs; times are milliseconds from the start.
pub enum Event {
    /// It said something.
    Line(u64, Line),
    /// Some time has passed.
    Tick(u64),
    /// A signal came, and was sent on to Nix.
    Signal(i32),
}

/// How Nix ended.
pub struct Ended {
    /// Its status.
    pub status: ExitStatus,
    /// What it printed to stdout.
    pub stdout: Vec<u8>,
    /// The first signal that told us to stop.
    pub signal: Option<i32>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// Runs `command` (a program and its arguments) in `dir` and tells `on` what happens. Signals are
/// sent on to the program, and it has ended when this returns.
///
/// # Errors
/// [`BuildError::NoNix`] and [`BuildError::Io`].
pub fn run(
    command: &[String],
    dir: &Utf8Path,
    mut on: impl FnMut(Event),
) -> Result<Ended, BuildError> {
    let io = |what| move |source| BuildError::Io { what, source };
    let watch = Watch::start().map_err(io("watch for signals"))?;
    let (program, arguments) = command.split_first().expect("a command has a program");
    let start = Instant::now();
    let spawned = Command::new(program)
        .args(arguments)
        .current_dir(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = spawned.map_err(|source| match source.kind() {
        ErrorKind::NotFound => BuildError::NoNix { program: program.clone() },
        _ => BuildError::Io { what: "start Nix", source },
    })?;
    let lines = lines(&mut child);
    let answer = child.stdout.take().map(|mut stdout| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            // What cannot be read is not there; Nix's status still tells how it went.
            let _ = stdout.read_to_end(&mut bytes);
            bytes
        })
    });
    let mut attendant = Attendant { start, ticked: start, signal: None, open: true };
    let status = loop {
        attendant.listen(&lines, &mut on);
        if let Some(signal) = watch.take() {
            forward(&child, signal);
            attendant.signal.get_or_insert(signal);
            on(Event::Signal(signal));
        }
        if let Some(status) = child.try_wait().map_err(io("wait for Nix"))? {
            break status;
        }
    };
    let silent = Instant::now();
    while attendant.open && silent.elapsed() < LINGER {
        attendant.listen(&lines, &mut on);
    }
    let stdout = match answer {
        Some(answer) if !attendant.open || answer.is_finished() => {
            answer.join().unwrap_or_default()
        }
        _ => Vec::new(),
    };
    let milliseconds = since(start, Instant::now());
    Ok(Ended { status, stdout, signal: attendant.signal, milliseconds })
}

/// Reads stderr in a thread, which stamps each line as it comes.
fn lines(child: &mut Child) -> Receiver<(Instant, String)> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stderr) = child.stderr.take() {
        thread::spawn(move || {
            let mut reader = BufReader::new(stderr);
            let mut bytes = Vec::new();
            while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
                let line = String::from_utf8_lossy(&bytes).into_owned();
                if sender.send((Instant::now(), line)).is_err() {
                    break;
                }
                bytes.clear();
            }
        });
    }
    receiver
}

struct Attendant {
    start: Instant,
    ticked: Instant,
    signal: Option<i32>,
    /// Whether more lines may come.
    open: bool,
}

impl Attendant {
    /// Takes what comes within a tick.
    fn listen(&mut self, lines: &Receiver<(Instant, String)>, on: &mut impl FnMut(Event)) {
        let until = self.ticked + TICK;
        while self.open {
            match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok((at, line)) => on(Event::Line(since(self.start, at), Line::parse(&line))),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => self.open = false,
            }
            if Instant::now() >= until {
                break;
            }
        }
        if !self.open {
            thread::sleep(TICK / 10);
        }
        let now = Instant::now();
        if now >= until {
            self.ticked = now;
            on(Event::Tick(since(self.start, now)));
        }
    }
}

fn since(start: Instant, now: Instant) -> u64 {
    u64::try_from(now.saturating_duration_since(start).as_millis()).unwrap_or(u64::MAX)
}

/// Sends a signal to Nix, which ends its builders by itself.
fn forward(child: &Child, signal: i32) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let (Some(pid), Some(signal)) = (pid, Signal::from_named_raw(signal)) {
        // An error means that it has just ended.
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// The `.drv` files that `nix build --json` names; none for any other text.
#[must_use]
pub fn tops(stdout: &[u8]) -> Vec<String> {
    let Ok(serde_json::Value::Array(built)) = serde_json::from_slice(stdout) else {
        return Vec::new();
    };
    let path = |one: &serde_json::Value| one.get("drvPath")?.as_str().map(str::to_owned);
    built.iter().filter_map(path).collect()
}
