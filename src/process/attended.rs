//! A program that is run to its end, or ended with all that it started when a signal comes.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use super::interrupt::Watch;

/// How often a program is looked after.
pub const TICK: Duration = Duration::from_millis(20);

/// How much is kept of the beginning of what a program says on standard error.
const HEAD: usize = 64 << 10;

/// How much is kept of its end.
const TAIL: usize = 1 << 20;

/// What `command` printed and how it ended; nothing if `watch` saw a signal, which is left to take.
///
/// Standard output is the answer, which is read whole or not at all. Standard error is for people, and builders of
/// others may write there what they like: of much of it the beginning and the end are kept.
///
/// # Errors
/// It cannot be started, or waited for.
pub fn output(command: &mut Command, watch: &Watch) -> io::Result<Option<Output>> {
    // A group of its own, so that everything below can be ended with it, and by nobody else.
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (stdout, stderr) = (child.stdout.take().map(collect), child.stderr.take().map(ends));
    let status = loop {
        if watch.interrupted() {
            end_group(&child);
        }
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) => thread::sleep(TICK),
            Err(error) => {
                end_group(&child);
                return Err(error);
            }
        }
    };
    if watch.interrupted() {
        // Something may have been started while the program ended.
        end_group(&child);
        return Ok(None);
    }
    let join = |reader: Option<thread::JoinHandle<Vec<u8>>>| {
        reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
    };
    Ok(Some(Output { status, stdout: join(stdout), stderr: join(stderr) }))
}

fn collect<R: Read + Send + 'static>(mut stream: R) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What cannot be read is not there; the program's status still tells.
        let _ = stream.read_to_end(&mut bytes);
        bytes
    })
}

fn ends<R: Read + Send + 'static>(stream: R) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || both_ends(stream))
}

/// The beginning and the end of a stream, which is read to its end.
fn both_ends(mut stream: impl Read) -> Vec<u8> {
    let mut head = Vec::new();
    let mut tail: VecDeque<u8> = VecDeque::new();
    let mut left_out = 0;
    let mut buffer = [0; 16 << 10];
    loop {
        let read = match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // What cannot be read is not there; the program's status still tells.
            Err(_) => break,
        };
        let (first, rest) = buffer[..read].split_at(read.min(HEAD - head.len()));
        head.extend_from_slice(first);
        tail.extend(rest.iter().copied());
        let over = tail.len().saturating_sub(TAIL);
        tail.drain(..over);
        left_out += over;
    }
    if left_out > 0 {
        head.extend_from_slice(format!("\n... {left_out} bytes are left out ...\n").as_bytes());
    }
    head.extend(tail);
    head
}

/// Ends a child that has a group of its own, and all that it started.
pub fn end_group(child: &Child) {
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(group) = pid {
        // An error means that nobody of the group is left.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::{HEAD, TAIL, both_ends};

    #[test]
    fn of_much_both_ends_are_kept() {
        let much = b"first ".chain(std::io::repeat(b'x').take(5 << 20)).chain(&b" last"[..]);
        let kept = both_ends(much);
        let text = String::from_utf8(kept).expect("UTF-8");
        assert!(text.len() < HEAD + TAIL + 100, "{}", text.len());
        assert!(text.starts_with("first xx") && text.ends_with("xx last"));
        let left_out = (5 << 20) + 11 - HEAD - TAIL;
        assert!(text.contains(&format!("\n... {left_out} bytes are left out ...\n")));
    }

    #[test]
    fn of_little_all_is_kept() {
        let some = vec![b'y'; HEAD + 10];
        assert_eq!(both_ends(some.as_slice()), some);
        assert_eq!(both_ends(&b""[..]), b"");
    }
}
