//! The compile cache: one sccache daemon of this machine, which compile steps ask from inside Nix's
//! sandbox.
//!
//! The builder knows one fixed directory, [`SHOWN`]: the daemon's socket and the program are in it, and
//! `nix.conf` shows it to builds. Whether it is there changes no derivation.
//!
//! - `error`: what can be wrong.
//! - `version`: which sccache will do.
//! - `setup`: configuration to places and environment; no I/O.
//! - `daemon`: starting, asking, stopping.
//! - `stats`: what the daemon answers, as figures.
//! - `unit`: the same daemon under systemd.

mod daemon;
mod error;
mod setup;
mod stats;
mod unit;
mod version;

pub use daemon::{Started, find, size, start, statistics, stop};
pub use error::{CacheError, INSTALL};
pub use setup::{SHOWN, Setup, nix_conf};
pub use stats::Stats;
pub use unit::unit;
pub use version::{OLDEST, Version};
