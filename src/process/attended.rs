//! A program that is run to its end, or ended with all that it started when a signal comes.

use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use super::interrupt::Watch;

/// How often a program is looked after.
pub const TICK: Duration = Duration::from_millis(20);

/// What `command` printed and how it ended; nothing if `watch` saw a signal, which is left to take.
///
/// # Errors
/// It cannot be started, or waited for.
pub fn output(command: &mut Command, watch: &Watch) -> io::Result<Option<Output>> {
    // A group of its own, so that everything below can be ended with it, and by nobody else.
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (stdout, stderr) = (child.stdout.take().map(collect), child.stderr.take().map(collect));
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

/// Ends a child that has a group of its own, and all that it started.
pub fn end_group(child: &Child) {
    let pid = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(group) = pid {
        // An error means that nobody of the group is left.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}
