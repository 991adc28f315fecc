//! Everything that is read: Cargo, flakes, configuration. Parsers are pure; loaders do the I/O.

pub mod cargo;
pub mod config;
pub mod flake;
pub mod spelling;
pub mod steps;
pub mod toolchain;
