//! Another Cargo at work.
//!
//! Cargo says on stderr that it waits for the lock of its package cache; but the calls that planning
//! makes wait for each other, too, and say the same each time. So the lock is looked at before them.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

/// A Cargo that works for no longer than this is not worth a word.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the lock is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// Calls `announce` if another Cargo holds the package cache, and goes on holding it for a moment.
pub fn for_package_cache(announce: impl FnOnce()) {
    // The lock's name is Cargo's own affair: without the file there is nothing to say.
    let Some(lock) = super::home().and_then(|home| File::open(home.join(".package-cache")).ok())
    else {
        return;
    };
    let began = Instant::now();
    // Free again with the file, at the end of this function.
    while matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
        if began.elapsed() >= PATIENCE {
            return announce();
        }
        thread::sleep(PAUSE);
    }
}
