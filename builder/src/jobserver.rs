//! Threads. Cargo shares one jobserver among all that it runs; the steps of a plan do not know of each
//! other. As each of them would take all the threads that it may have, two steps on two processors would
//! run four, each in the way of the other. So a step has one thread, and more while a processor of this
//! machine has nothing to do.

use std::ffi::c_int;
use std::fs::{self, File, OpenOptions};
use std::io::{self, PipeReader, PipeWriter, Read as _, Write as _, pipe};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt as _;

/// How many threads Nix lets this step have (`cores`; 0: one for each processor).
#[must_use]
pub fn allowed(cores: Option<&str>) -> usize {
    match cores.and_then(|cores| cores.parse().ok()).unwrap_or(1) {
        0 => processors(),
        cores => cores,
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A jobserver as make and Cargo have it: a pipe, in which each byte is a thread that may start. At
/// first there is none.
pub(crate) struct Jobserver {
    jobs: usize,
    lent: usize,
    processors: usize,
    reader: PipeReader,
    writer: PipeWriter,
    /// The pipe's reading end once more, where a read does not wait.
    impatient: Option<File>,
}

unsafe extern "C" {
    fn fcntl(descriptor: c_int, command: c_int, ...) -> c_int;
}

/// Lets programs that are started have the file: the standard library keeps all of its own from them.
fn inherit(file: &impl AsRawFd) -> io::Result<()> {
    const SET_FLAGS: c_int = 2;
    // SAFETY: the descriptor is open as long as `file` is borrowed, and F_SETFD takes one number.
    let status = unsafe { fcntl(file.as_raw_fd(), SET_FLAGS, 0 as c_int) };
    if status == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

impl Jobserver {
    pub(crate) fn open(jobs: usize) -> io::Result<Self> {
        const NON_BLOCKING: i32 = 0o4000;
        let (reader, writer) = pipe()?;
        inherit(&reader)?;
        inherit(&writer)?;
        let place = format!("/proc/self/fd/{}", reader.as_raw_fd());
        let impatient = OpenOptions::new().read(true).custom_flags(NON_BLOCKING).open(place).ok();
        Ok(Self { jobs, lent: 0, processors: processors(), reader, writer, impatient })
    }

    pub(crate) fn jobs(&self) -> usize {
        self.jobs
    }

    /// What programs read in `CARGO_MAKEFLAGS`.
    pub(crate) fn make_flags(&self) -> String {
        let (reader, writer) = (self.reader.as_raw_fd(), self.writer.as_raw_fd());
        format!("-j --jobserver-fds={reader},{writer} --jobserver-auth={reader},{writer}")
    }

    /// Lends half of the idle processors, as other steps may lend them in the same moment; where there are
    /// more threads than processors, takes back what nobody has taken yet.
    pub(crate) fn lend(&mut self) {
        if self.jobs < 2 {
            return;
        }
        let Some(running) =
            fs::read_to_string("/proc/loadavg").ok().and_then(|text| running(&text))
        else {
            return;
        };
        match share(running, self.processors, self.jobs, self.lent) {
            Share::Lend(tokens) => {
                if self.writer.write_all(&vec![b'+'; tokens]).is_ok() {
                    self.lent += tokens;
                }
            }
            Share::TakeBack(tokens) => {
                let mut back = vec![0; tokens];
                let taken = self.impatient.as_mut().and_then(|pipe| pipe.read(&mut back).ok());
                self.lent -= taken.unwrap_or(0);
            }
            Share::Nothing => {}
        }
    }
}

/// How many threads of the machine run, the one that asks among them.
fn running(loadavg: &str) -> Option<usize> {
    loadavg.split(' ').nth(3)?.split('/').next()?.parse().ok()
}

/// What to do with threads.
#[derive(Debug, PartialEq, Eq)]
enum Share {
    Lend(usize),
    TakeBack(usize),
    Nothing,
}

fn share(running: usize, processors: usize, jobs: usize, lent: usize) -> Share {
    let others = running.saturating_sub(1);
    if others < processors {
        let idle = (processors - others).div_ceil(2);
        match idle.min((jobs - 1).saturating_sub(lent)) {
            0 => Share::Nothing,
            tokens => Share::Lend(tokens),
        }
    } else if others > processors && lent > 0 {
        Share::TakeBack((others - processors).min(lent))
    } else {
        Share::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::{Share, allowed, running, share};

    #[test]
    fn threads_are_lent_while_processors_are_idle() {
        assert_eq!(share(1, 8, 8, 0), Share::Lend(4));
        assert_eq!(share(5, 8, 8, 4), Share::Lend(2));
        assert_eq!(share(1, 8, 3, 0), Share::Lend(2));
        assert_eq!(share(1, 8, 3, 2), Share::Nothing);
        assert_eq!(share(9, 8, 8, 4), Share::Nothing);
        assert_eq!(share(12, 8, 8, 4), Share::TakeBack(3));
        assert_eq!(share(30, 8, 8, 4), Share::TakeBack(4));
    }

    #[test]
    fn what_the_machine_says() {
        assert_eq!(running("0.20 0.18 0.12 3/80 11206\n"), Some(3));
        assert_eq!(running("?"), None);
        assert_eq!(allowed(Some("3")), 3);
        assert_eq!(allowed(None), 1);
        assert!(allowed(Some("0")) > 0);
    }
}
