//! Ctrl-C and its kin while another program runs below us: it is ended first, then we end.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// The state that signal handlers see; made once, since handlers stay for good.
struct Handlers {
    /// The number of the last signal that came, or 0.
    last: Arc<AtomicUsize>,
    /// Whether a signal ends the process as if no handler were there.
    default: Arc<AtomicBool>,
}

static HANDLERS: Mutex<Option<Handlers>> = Mutex::new(None);
static WATCHING: AtomicUsize = AtomicUsize::new(0);

/// While one of these lives, SIGINT, SIGTERM and SIGHUP are only noted; afterwards they end the
/// process as ever, and so does one that came meanwhile and was not taken.
pub struct Watch {
    last: Arc<AtomicUsize>,
    default: Arc<AtomicBool>,
}

impl Watch {
    /// Starts watching.
    ///
    /// # Errors
    /// The system takes no handlers.
    pub fn start() -> io::Result<Self> {
        let mut slot = HANDLERS.lock().unwrap_or_else(PoisonError::into_inner);
        let handlers = match slot.as_ref() {
            Some(handlers) => handlers,
            None => slot.insert(install()?),
        };
        WATCHING.fetch_add(1, Ordering::SeqCst);
        handlers.default.store(false, Ordering::SeqCst);
        Ok(Self { last: Arc::clone(&handlers.last), default: Arc::clone(&handlers.default) })
    }

    /// Whether one of the signals has come and was not taken.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.last.load(Ordering::SeqCst) != 0
    }

    /// The number of the last signal that came since the last call.
    #[must_use]
    pub fn take(&self) -> Option<i32> {
        let signal = self.last.swap(0, Ordering::SeqCst);
        i32::try_from(signal).ok().filter(|signal| *signal != 0)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if WATCHING.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.default.store(true, Ordering::SeqCst);
            if let Some(signal) = self.take() {
                // An error means that the system knows no default for it: then nothing is to be done.
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        }
    }
}

fn install() -> io::Result<Handlers> {
    let handlers =
        Handlers { last: Arc::new(AtomicUsize::new(0)), default: Arc::new(AtomicBool::new(false)) };
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        // In this order: the first one ends the process before the second is reached.
        flag::register_conditional_default(signal, Arc::clone(&handlers.default))?;
        let number = usize::try_from(signal).unwrap_or_default();
        flag::register_usize(signal, Arc::clone(&handlers.last), number)?;
    }
    Ok(handlers)
}
