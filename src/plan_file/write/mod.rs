//! Writing a plan's file: facts, one value a line, and the library that makes derivations of them.

mod bootstrap;
mod checks;
pub mod joined;
pub mod library;
mod machines;
pub mod nix;
mod packages;
mod profiles;
mod sections;
mod steps;
