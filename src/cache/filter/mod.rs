//! What listens where builds can reach it, in front of sccache's daemon. The daemon has an older way of
//! working in which it runs the compiler that a client names; it makes a file's name of a key; it keeps what
//! clients report. This lets through the few questions that steps ask, made anew byte by byte.
//!
//! - `request`: which questions there are.
//! - `relay`: one client.
//! - `guests`: how many clients, and how much is under way.
//! - `trial`: whether this sccache speaks as is thought.

mod guests;
mod relay;
mod request;
mod trial;

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use camino::Utf8PathBuf;

use relay::Relay;

pub(super) use guests::Guests;
pub(super) use request::ENTRY;
pub(super) use trial::{Trial, trial};

/// More threads than there may be clients: those that are driven out need a moment to end.
const THREADS: usize = 768;
/// A thread reads and writes; what it holds is on the heap.
const STACK: usize = 256 << 10;
/// So many refusals are told; who makes more would fill a log.
const TOLD: usize = 100;

/// The filter on one socket.
pub(super) struct Filter {
    /// The daemon's own socket.
    pub(super) server: Utf8PathBuf,
    /// Where the daemon keeps entries on this machine's disk.
    pub(super) directory: PathBuf,
    /// All clients, of other sockets too: they have one daemon.
    pub(super) guests: Arc<Guests>,
    /// Whether who reaches this socket may add to the cache.
    pub(super) writes: bool,
}

impl Filter {
    /// Serves who connects, for ever.
    pub(super) fn listen(self, listener: UnixListener) {
        let shared = Arc::new((self, AtomicUsize::new(0), AtomicUsize::new(0)));
        loop {
            let Ok((stream, _)) = listener.accept() else {
                // No descriptor is free, say. Nothing is gained by asking again at once.
                thread::sleep(Duration::from_millis(50));
                continue;
            };
            let shared = Arc::clone(&shared);
            let threads = &shared.1;
            if threads.fetch_add(1, Ordering::Relaxed) >= THREADS {
                threads.fetch_sub(1, Ordering::Relaxed);
                continue;
            }
            let own = Arc::clone(&shared);
            let spawned = thread::Builder::new().stack_size(STACK).spawn(move || {
                let (filter, threads, told) = &*own;
                filter.attend(stream, told);
                threads.fetch_sub(1, Ordering::Relaxed);
            });
            if spawned.is_err() {
                shared.1.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    fn attend(&self, stream: UnixStream, told: &AtomicUsize) {
        let guests = &*self.guests;
        let Some((user, clone)) = peer(&stream).ok().zip(stream.try_clone().ok()) else { return };
        let Some((number, guest)) = guests.enter(user, clone) else { return };
        let relay =
            Relay { server: &self.server, directory: &self.directory, writes: self.writes, guests };
        let end = relay.serve(stream, &guest);
        guests.leave(number);
        let reason = match end {
            Ok(Some(choice)) => format!("a question of kind {choice}, which no step asks"),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                "to add to a cache that builds may only read".to_owned()
            }
            _ => return,
        };
        if told.fetch_add(1, Ordering::Relaxed) < TOLD {
            eprintln!("refused user {user}: {reason}");
        }
    }
}

fn peer(stream: &UnixStream) -> io::Result<u32> {
    Ok(rustix::net::sockopt::socket_peercred(stream)?.uid.as_raw())
}
