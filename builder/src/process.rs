//! A program that runs below this one: it gets threads while it runs, and whatever it prints takes no
//! more memory than a page that a person would read.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::jobserver::Jobserver;

/// How much of a stream's beginning, and of its end, is kept.
pub(crate) const PART: usize = 256 * 1024;
/// How long a line may be that somebody listens to.
const LINE: u64 = 16 * 1024 * 1024;
/// How long what a program left behind may go on to write after its end.
pub(crate) const AFTER: Duration = Duration::from_secs(2);

/// The beginning and the end of what a program printed.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    part: usize,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    left_out: u64,
}

impl Default for Kept {
    fn default() -> Self {
        Self::of(PART)
    }
}

impl Kept {
    /// Nothing yet, with room for a beginning and an end of `part` bytes each.
    pub(crate) fn of(part: usize) -> Self {
        Self { part, head: Vec::new(), tail: VecDeque::new(), left_out: 0 }
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let (head, rest) =
            bytes.split_at(bytes.len().min(self.part.saturating_sub(self.head.len())));
        self.head.extend_from_slice(head);
        self.tail.extend(rest);
        let over = self.tail.len().saturating_sub(self.part);
        self.tail.drain(..over);
        self.left_out += over as u64;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head.clone();
        if self.left_out > 0 {
            bytes
                .extend(format!("\n[... {} bytes are left out here ...]\n", self.left_out).bytes());
        }
        bytes.extend(&self.tail);
        bytes
    }

    /// Writes it to the step's log.
    pub(crate) fn say(&self) {
        if self.is_empty() {
            return;
        }
        let mut bytes = self.bytes();
        if bytes.last() != Some(&b'\n') {
            bytes.push(b'\n');
        }
        // Nobody reads the log of a step that was given up.
        let _ = io::stderr().write_all(&bytes);
    }
}

/// How a program ended.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Kept,
    pub(crate) stderr: Kept,
}

/// Who has each line of a program's output.
pub(crate) type Listener = Box<dyn FnMut(&[u8]) + Send>;

/// Runs `command` to its end, lends it threads, and lets `listen` have each line of its output. `turn` is
/// called some times a second.
pub(crate) fn run(
    command: &mut Command,
    jobserver: &mut Jobserver,
    listen: Option<Listener>,
) -> io::Result<Ended> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (told, tells) = channel();
    let stdout = follow(child.stdout.take(), listen, PART, told.clone());
    let stderr = follow(child.stderr.take(), None, PART, told.clone());
    thread::spawn(move || told.send(Some(child.wait())));
    let (mut status, mut open, mut end) = (None, 2, None);
    loop {
        match tells.recv_timeout(Duration::from_millis(100)) {
            Ok(None) => open -= 1,
            Ok(Some(ended)) => {
                status = Some(ended?);
                end = Some(Instant::now() + AFTER);
            }
            Err(RecvTimeoutError::Timeout) => jobserver.lend(),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(io::Error::other("the program was lost sight of"));
            }
        }
        // A process that the program left behind may hold its streams; it dies with the step.
        let over = open == 0 || end.is_some_and(|end| Instant::now() >= end);
        if let Some(status) = status.filter(|_| over) {
            return Ok(Ended { status, stdout: take(&stdout), stderr: take(&stderr) });
        }
    }
}

pub(crate) fn take(kept: &Mutex<Kept>) -> Kept {
    kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

pub(crate) type Told = std::sync::mpsc::Sender<Option<io::Result<ExitStatus>>>;

/// Reads a stream to its end in a thread of its own, and tells when that is.
pub(crate) fn follow(
    stream: Option<impl Read + Send + 'static>,
    mut listen: Option<Listener>,
    part: usize,
    told: Told,
) -> Arc<Mutex<Kept>> {
    let kept = Arc::new(Mutex::new(Kept::of(part)));
    let shared = Arc::clone(&kept);
    thread::spawn(move || {
        if let Some(stream) = stream {
            let mut reader = BufReader::with_capacity(64 * 1024, stream);
            let keep = |bytes: &[u8]| {
                shared.lock().unwrap_or_else(PoisonError::into_inner).add(bytes);
            };
            // A stream that breaks is a stream that ended.
            let _ = match &mut listen {
                Some(listen) => lines(&mut reader, listen, keep),
                None => chunks(&mut reader, keep),
            };
        }
        let _ = told.send(None);
    });
    kept
}

/// Reads a stream to its end in a thread of its own.
pub(crate) fn drain(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Kept> {
    thread::spawn(move || {
        let (mut kept, mut buffer) = (Kept::default(), vec![0; 64 * 1024]);
        if let Some(mut stream) = stream {
            while let Ok(length @ 1..) = stream.read(&mut buffer) {
                kept.add(&buffer[..length]);
            }
        }
        kept
    })
}

fn chunks(reader: &mut impl BufRead, mut keep: impl FnMut(&[u8])) -> io::Result<()> {
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        keep(bytes);
        let length = bytes.len();
        reader.consume(length);
    }
}

fn lines(
    reader: &mut impl BufRead,
    listen: &mut dyn FnMut(&[u8]),
    mut keep: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.by_ref().take(LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        keep(&line);
        listen(line.strip_suffix(b"\n").unwrap_or(&line));
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, PART};

    #[test]
    fn of_a_long_stream_the_beginning_and_the_end_are_kept() {
        let mut kept = Kept::default();
        kept.add(b"first ");
        for _ in 0..100 {
            kept.add(&[b'x'; 32 * 1024]);
        }
        kept.add(b" last");
        let text = String::from_utf8(kept.bytes()).expect("a text");
        assert!(text.starts_with("first xx") && text.ends_with("x last"));
        assert!(
            text.contains(&format!("[... {} bytes are left out", 100 * 32 * 1024 + 11 - 2 * PART))
        );
    }
}
