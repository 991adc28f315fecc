//! How many clients there may be, and how much they may have under way.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Clients of one user. Nix gives every build a user of its own where it has users for that.
const OF_ONE: usize = 128;
/// Clients of all users.
const OF_ALL: usize = 512;
/// Bytes of entries that are being stored or handed out: the daemon holds each of them in memory.
const UNDER_WAY: u64 = 512 << 20;
/// Those of one user: more than an entry may have, and less than all, so that others have room.
const UNDER_WAY_OF_ONE: u64 = 384 << 20;
/// How long one waits for room.
const PATIENCE: Duration = Duration::from_secs(2);
/// Reasons not to cache that are counted apart; sccache knows fewer for rustc.
const REASONS: usize = 32;

/// All clients.
pub(in crate::cache) struct Guests {
    start: Instant,
    number: AtomicU64,
    present: Mutex<BTreeMap<u64, Arc<Guest>>>,
    under_way: Mutex<UnderWay>,
    less: Condvar,
    reasons: Mutex<BTreeSet<String>>,
}

/// A client.
pub(super) struct Guest {
    user: u32,
    stream: UnixStream,
    start: Instant,
    /// When it spoke last, in milliseconds since `start`.
    spoke: AtomicU64,
}

/// The bytes under way of each user that has some.
#[derive(Default)]
struct UnderWay(BTreeMap<u32, u64>);

impl UnderWay {
    fn fits(&self, user: u32, count: u64) -> bool {
        let all: u64 = self.0.values().sum();
        let own = self.0.get(&user).copied().unwrap_or_default();
        all.saturating_add(count) <= UNDER_WAY && own.saturating_add(count) <= UNDER_WAY_OF_ONE
    }

    fn add(&mut self, user: u32, count: u64) {
        *self.0.entry(user).or_default() += count;
    }

    fn take(&mut self, user: u32, count: u64) {
        let Some(own) = self.0.get_mut(&user) else { return };
        *own = own.saturating_sub(count);
        if *own == 0 {
            self.0.remove(&user);
        }
    }
}

/// Room for bytes under way, until it is dropped.
pub(super) struct Room<'g> {
    guests: &'g Guests,
    user: u32,
    count: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Guest {
    pub(super) fn speaks(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.spoke.store(now, Ordering::Relaxed);
    }
}

impl Guests {
    pub(in crate::cache) fn new() -> Self {
        Self {
            start: Instant::now(),
            number: AtomicU64::new(0),
            present: Mutex::default(),
            under_way: Mutex::default(),
            less: Condvar::new(),
            reasons: Mutex::default(),
        }
    }

    /// Lets a client of `user` in. Where there are too many, the one that has been silent for the longest
    /// time goes: of the same user, so that no build can drive out another user's. None if all places are
    /// taken by others.
    pub(super) fn enter(&self, user: u32, stream: UnixStream) -> Option<(u64, Arc<Guest>)> {
        let mut present = lock(&self.present);
        let own = present.values().filter(|guest| guest.user == user).count();
        if own >= OF_ONE || present.len() >= OF_ALL {
            let silent = present
                .iter()
                .filter(|(_, guest)| guest.user == user)
                .min_by_key(|(_, guest)| guest.spoke.load(Ordering::Relaxed))
                .map(|(number, _)| *number)?;
            if let Some(guest) = present.remove(&silent) {
                // Its thread ends by that.
                let _ = guest.stream.shutdown(Shutdown::Both);
            }
        }
        let guest = Guest { user, stream, start: self.start, spoke: AtomicU64::new(0) };
        guest.speaks();
        let guest = Arc::new(guest);
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        present.insert(number, Arc::clone(&guest));
        Some((number, guest))
    }

    pub(super) fn leave(&self, number: u64) {
        lock(&self.present).remove(&number);
    }

    /// Room for `count` bytes of a client's, perhaps after a moment.
    pub(super) fn room(&self, guest: &Guest, count: u64) -> Option<Room<'_>> {
        let user = guest.user;
        let full = |under_way: &mut UnderWay| !under_way.fits(user, count);
        let (mut under_way, late) = self
            .less
            .wait_timeout_while(lock(&self.under_way), PATIENCE, full)
            .unwrap_or_else(PoisonError::into_inner);
        if late.timed_out() {
            return None;
        }
        under_way.add(user, count);
        Some(Room { guests: self, user, count })
    }

    /// Whether a reason is short, plain, and one of the first.
    pub(super) fn knows(&self, reason: &str) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || " -_@,.".contains(c);
        if reason.len() > 40 || !reason.chars().all(plain) {
            return false;
        }
        let mut reasons = lock(&self.reasons);
        reasons.contains(reason) || (reasons.len() < REASONS && reasons.insert(reason.to_owned()))
    }
}

impl Room<'_> {
    /// Whether there is room for `count` bytes in all, at once: they are in memory already.
    pub(super) fn holds(&mut self, count: u64) -> bool {
        let more = count.saturating_sub(self.count);
        let mut under_way = lock(&self.guests.under_way);
        let fits = under_way.fits(self.user, more);
        if fits {
            under_way.add(self.user, more);
            self.count += more;
        }
        fits
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        lock(&self.guests.under_way).take(self.user, self.count);
        self.guests.less.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::net::UnixStream;

    use super::{Guests, OF_ALL, OF_ONE, REASONS, UNDER_WAY, UNDER_WAY_OF_ONE};

    #[test]
    fn who_is_silent_gives_way_to_the_same_user() {
        let guests = Guests::new();
        let enter = |user| {
            let (own, other) = UnixStream::pair().expect("a pair of sockets");
            guests.enter(user, own).map(|(number, guest)| (number, guest, other))
        };
        let other = enter(2).expect("a place");
        let mut all: Vec<_> = (0..OF_ONE).map(|_| enter(1).expect("a place")).collect();
        for (_, guest, _) in &all[1..] {
            guest.spoke.store(5, std::sync::atomic::Ordering::Relaxed);
        }
        all.push(enter(1).expect("a place"));
        // Its end is seen on the other side; nobody else's is.
        assert_eq!(all[0].2.read(&mut [0]).expect("an end"), 0);
        other.2.set_nonblocking(true).expect("a socket");
        let mut end = &other.2;
        assert!(end.read(&mut [0]).is_err());
        guests.leave(other.0);
        let more: Vec<_> = (3..).map_while(enter).take(OF_ALL).collect();
        assert_eq!(more.len(), OF_ALL - OF_ONE);
    }

    #[test]
    fn room_is_bounded_and_given_back() {
        let guests = Guests::new();
        let guest = |user| {
            let (own, _) = UnixStream::pair().expect("a pair of sockets");
            guests.enter(user, own).expect("a place").1
        };
        let (one, other) = (guest(1), guest(2));
        let mut most = guests.room(&one, UNDER_WAY_OF_ONE - 1).expect("room");
        assert!(most.holds(UNDER_WAY_OF_ONE) && !most.holds(UNDER_WAY_OF_ONE + 1));
        assert!(guests.room(&one, 1).is_none());
        // One user leaves some to the others, and all together have no more than there is.
        let rest = guests.room(&other, UNDER_WAY - UNDER_WAY_OF_ONE).expect("room");
        assert!(guests.room(&guest(3), 1).is_none());
        drop(most);
        assert!(guests.room(&one, 1).is_some());
        drop(rest);
        assert!(super::lock(&guests.under_way).0.is_empty());
    }

    #[test]
    fn reasons_are_few_and_plain() {
        let guests = Guests::new();
        assert!(guests.knows("crate-type"));
        assert!(!guests.knows("\u{1b}[2J"));
        assert!(!guests.knows(&"x".repeat(41)));
        let many = (0..1000).filter(|n| guests.knows(&format!("reason {n}"))).count();
        assert_eq!(many, REASONS - 1);
        assert!(guests.knows("crate-type"));
    }
}
