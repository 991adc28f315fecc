//! Programs that run below this one; no Cargo, no Nix.

pub mod attended;
pub mod interrupt;
