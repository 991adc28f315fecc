//! Ctrl-C and its kin while Cargo runs below us: end Cargo, clean up, then end.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// The state that signal handlers see; made once, since handlers stay for good.
struct Handlers {
    interrupted: Arc<AtomicBool>,
    /// Whether a signal ends the process as if no handler were there.
    default: Arc<AtomicBool>,
}

static HANDLERS: Mutex<Option<Handlers>> = Mutex::new(None);
static WATCHING: AtomicUsize = AtomicUsize::new(0);

/// While one of these lives, SIGINT, SIGTERM and SIGHUP only raise a flag; afterwards they end the
/// process as ever.
pub struct Watch {
    interrupted: Arc<AtomicBool>,
    default: Arc<AtomicBool>,
}

impl Watch {
    /// Starts watching.
    pub fn start() -> io::Result<Self> {
        let mut slot = HANDLERS.lock().unwrap_or_else(PoisonError::into_inner);
        let handlers = match slot.as_ref() {
            Some(handlers) => handlers,
            None => slot.insert(install()?),
        };
        WATCHING.fetch_add(1, Ordering::SeqCst);
        handlers.default.store(false, Ordering::SeqCst);
        Ok(Self {
            interrupted: Arc::clone(&handlers.interrupted),
            default: Arc::clone(&handlers.default),
        })
    }

    /// Whether one of the signals has come.
    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if WATCHING.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.default.store(true, Ordering::SeqCst);
        }
    }
}

fn install() -> io::Result<Handlers> {
    let handlers = Handlers {
        interrupted: Arc::new(AtomicBool::new(false)),
        default: Arc::new(AtomicBool::new(false)),
    };
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        // In this order: the first one ends the process before the second is reached.
        flag::register_conditional_default(signal, Arc::clone(&handlers.default))?;
        flag::register(signal, Arc::clone(&handlers.interrupted))?;
    }
    Ok(handlers)
}
