//! Sleeping until something happens in a tree.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::tree::{Places, Seen};
use crate::process::interrupt::Watch;

/// How often signals are looked for.
const TICK: Duration = Duration::from_millis(100);

/// How long it must be quiet before a change is taken: who saves many files saves them all.
const QUIET: Duration = Duration::from_millis(150);

/// How often the tree is looked at where the system does not say what happens.
const LOOK: Duration = Duration::from_secs(2);

/// What ended the wait.
#[derive(Debug, PartialEq, Eq)]
pub enum Woken {
    /// These files changed, in the order of their names.
    Changed(Vec<PathBuf>),
    /// A signal came.
    Signal(i32),
}

/// Sleeps until a file differs from what was `seen`, or a signal comes. `slowly` is told why the
/// tree has to be looked at from time to time, where that is so.
///
/// # Errors
/// The system takes no handlers of signals.
pub fn wait(places: &Places, seen: &Seen, slowly: &mut dyn FnMut(&str)) -> io::Result<Woken> {
    let watch = Watch::start()?;
    let mut told = false;
    loop {
        // First the watch, then the look: what happens in between is seen by one of them.
        let alarm = Alarm::set(&Seen::look(places));
        if let (Alarm::Clock(why), false) = (&alarm, told) {
            told = true;
            slowly(why);
        }
        let changes = Seen::look(places).changes(seen);
        if !changes.is_empty() {
            return Ok(Woken::Changed(changes));
        }
        let set = Instant::now();
        while !alarm.rings(set) {
            if let Some(signal) = watch.take() {
                return Ok(Woken::Signal(signal));
            }
        }
    }
}

/// What tells that it is time to look.
enum Alarm {
    /// The system: something happened in a directory. The watcher lives as long as it is listened to.
    System(Receiver<()>, #[expect(dead_code, reason = "it is kept, not used")] RecommendedWatcher),
    /// The time; with the reason why the system does not tell.
    Clock(String),
}

impl Alarm {
    fn set(seen: &Seen) -> Self {
        let (sender, receiver) = mpsc::channel();
        let on = move |event: notify::Result<Event>| {
            // An error may mean that events were lost: it is time to look, too.
            if event.map_or(true, |event| is_change(event.kind)) {
                let _ = sender.send(());
            }
        };
        let watcher = notify::recommended_watcher(on).and_then(|mut watcher| {
            for dir in &seen.directories {
                match watcher.watch(dir, RecursiveMode::NonRecursive) {
                    // It has gone since.
                    Err(_) if !dir.exists() => {}
                    done => done?,
                }
            }
            Ok(watcher)
        });
        match watcher {
            Ok(watcher) => Self::System(receiver, watcher),
            Err(error) => Self::Clock(reason(&error)),
        }
    }

    /// Waits for a moment; whether it is time to look.
    fn rings(&self, set: Instant) -> bool {
        let Self::System(events, _) = self else {
            std::thread::sleep(TICK);
            return set.elapsed() >= LOOK;
        };
        match events.recv_timeout(TICK) {
            Ok(()) => {
                while events.recv_timeout(QUIET).is_ok() {}
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(TICK);
                set.elapsed() >= LOOK
            }
        }
    }
}

/// Why the system does not tell, in words that name what to do.
fn reason(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "it watches no more directories for this user (sysctl fs.inotify.max_user_watches)"
                .to_owned()
        }
        notify::ErrorKind::Io(error) => format!(
            "{error} (sysctl fs.inotify.max_user_instances says how many programs may be told)"
        ),
        _ => error.to_string(),
    }
}

/// Reading changes nothing.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::{Alarm, Places, Seen, Woken, wait};

    #[test]
    fn a_file_in_a_new_directory_wakes() {
        let dir = tempfile::tempdir().expect("a directory");
        let places = Places { trees: [dir.path().to_owned()].into(), ..Places::default() };
        let seen = Seen::look(&places);
        let new = dir.path().join("new/file.rs");
        let made = new.clone();
        let writer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(200));
            fs::create_dir(made.parent().expect("a parent")).expect("a directory");
            // Long enough for the directory to be noticed alone.
            std::thread::sleep(Duration::from_millis(600));
            fs::write(&made, "").expect("a file");
        });
        let woken = wait(&places, &seen, &mut |why| panic!("{why}")).expect("a wait");
        writer.join().expect("written");
        assert_eq!(woken, Woken::Changed(vec![new]));
    }

    #[test]
    fn what_happened_before_wakes_at_once() {
        let dir = tempfile::tempdir().expect("a directory");
        let places = Places { trees: [dir.path().to_owned()].into(), ..Places::default() };
        let seen = Seen::look(&places);
        fs::write(dir.path().join("a"), "").expect("a file");
        let woken = wait(&places, &seen, &mut |_| ()).expect("a wait");
        assert!(matches!(woken, Woken::Changed(files) if files == [dir.path().join("a")]));
    }

    #[test]
    fn a_directory_that_has_gone_is_no_reason_to_look_slowly() {
        let mut seen = Seen::default();
        seen.directories.insert("/no/such/directory".into());
        assert!(matches!(Alarm::set(&seen), Alarm::System(..)));
    }
}
