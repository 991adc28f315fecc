//! What this machine has to build with: compiler, linkers, shell, and where crates come from.

pub mod host;
pub mod registries;

pub use host::{HostError, HostToolchain};
