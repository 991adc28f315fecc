//! `strace`: how a process is started below it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8Path;

use super::super::error::RecordError;

/// The file of the record directory that says which program traces.
const TRACER_FILE: &str = "tracer";

/// What ends the name of a trace: that of its call goes before.
pub const SUFFIX: &str = "trace";

/// How long a tracer may take to write down the end of a process, and the probe in all.
const PATIENCE: Duration = Duration::from_secs(10);

/// The calls that are looked at.
const CALLS: &str = "trace=%file,getdents64,?getdents,fchdir,clone,?clone3,?fork,?vfork,connect";

/// A program that traces.
#[derive(Debug, Clone)]
pub struct Tracer(PathBuf);

impl Tracer {
    /// The machine's `strace`, after it was tried on a process that does nothing.
    ///
    /// # Errors
    /// There is none, or the system does not let it trace.
    pub fn find() -> Result<Self, RecordError> {
        let tracer = Self(PathBuf::from("strace"));
        let scratch = tempfile::Builder::new().prefix("rbn-plan-trace-").tempdir();
        let scratch = scratch
            .map_err(|source| RecordError::Io { what: "make a temporary directory", source })?;
        let file = scratch.path().join("probe");
        let mut command = tracer.command("true".as_ref(), &[], &file);
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => RecordError::NoTracer,
            _ => RecordError::Io { what: "start strace", source },
        })?;
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            match child.try_wait() {
                Ok(None) => thread::sleep(Duration::from_millis(10)),
                Ok(Some(status)) if status.success() && wait_for(&file) => return Ok(tracer),
                Ok(Some(_)) | Err(_) => break,
            }
        }
        // An error means that it has ended.
        let _ = child.kill();
        let said = child.wait_with_output().map(|output| output.stderr).unwrap_or_default();
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        Err(RecordError::TracerRefused { said })
    }

    /// The command that runs `program` and writes to `file` what it does. The tracer is a grandchild (`-D`):
    /// who starts the command waits for the program alone, not for what that leaves running.
    #[must_use]
    pub fn command(&self, program: &OsStr, args: &[OsString], file: &Path) -> Command {
        let mut command = Command::new(&self.0);
        command
            .args(["-D", "-f", "-q", "--seccomp-bpf", "-y", "-s", "0", "-e", "signal=none"])
            .args(["-e", CALLS, "-o"])
            .arg(file)
            .arg("--")
            .arg(program)
            .args(args);
        command
    }

    /// Tells wrapper and stub, which look into the record directory.
    ///
    /// # Errors
    /// The disk says no.
    pub fn announce(&self, dir: &Utf8Path) -> io::Result<()> {
        fs::write(dir.join(TRACER_FILE), self.0.as_os_str().as_encoded_bytes())
    }

    /// The tracer of a recording, where files are asked for.
    #[must_use]
    pub fn announced(dir: &Utf8Path) -> Option<Self> {
        Some(Self(PathBuf::from(fs::read_to_string(dir.join(TRACER_FILE)).ok()?)))
    }
}

/// Waits until a trace is complete; no longer than is decent.
pub fn wait_for(file: &Path) -> bool {
    let since = Instant::now();
    loop {
        let text = fs::read(file).unwrap_or_default();
        // The end is in the last lines; of a daemon's long trace there may be more behind it.
        if is_complete(&String::from_utf8_lossy(&text)) {
            return true;
        }
        if since.elapsed() > PATIENCE {
            return false;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Whether the trace of a process is complete: its end is the last thing that is written of it.
fn is_complete(text: &str) -> bool {
    let Some(process) = text.split_whitespace().next() else { return false };
    text.lines().rev().any(|line| {
        line.strip_prefix(process).is_some_and(|rest| rest.trim_start().starts_with("+++ "))
    })
}

#[cfg(test)]
mod tests {
    use super::is_complete;

    #[test]
    fn a_trace_has_an_end() {
        assert!(is_complete("7 a() = 0\n7 +++ exited with 0 +++\n8 b() = 0\n"));
        assert!(!is_complete("7 a() = 0\n8 +++ exited with 0 +++\n"));
        assert!(!is_complete(""));
    }
}
