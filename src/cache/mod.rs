//! The compile cache: one sccache daemon of this machine, which compile steps ask from inside Nix's
//! sandbox.
//!
//! The builder knows one fixed directory, [`SHOWN`]: the daemon's socket and the program are in it, and
//! `nix.conf` shows it to builds. Whether it is there changes no derivation.
//!
//! What builds reach is a filter of ours, which lets through the few questions that steps ask; sccache itself
//! listens where only the daemon's user can go. See docs/sccache.md for who can do what to whom.
//!
//! - `error`: what can be wrong.
//! - `version`: which sccache will do.
//! - `setup`: configuration to places and environment; no I/O.
//! - `wire`, `handshake`, `figures`: sccache's words.
//! - `trust`, `places`: who may change what is run, and directories that lead nowhere else.
//! - `filter`: what listens for builds.
//! - `serve`: the daemon's process.
//! - `daemon`: starting, asking, stopping.
//! - `stats`: what the daemon answers, as figures.
//! - `unit`: the same daemon under systemd.

mod daemon;
mod error;
mod figures;
mod filter;
mod handshake;
mod places;
mod serve;
mod setup;
mod stats;
mod trust;
mod unit;
mod version;
mod wire;

pub use daemon::{Started, find, size, start, statistics, stop, version};
pub use error::{CacheError, INSTALL};
pub use places::examine;
pub use serve::{Serve, become_server, serve};
pub use setup::{SHOWN, Setup, nix_conf};
pub use stats::Stats;
pub use unit::{socket_unit, unit};
pub use version::{OLDEST, Version};
