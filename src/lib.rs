//! `rbn-plan` turns a Cargo workspace into a Nix file with one derivation per compilation step.
#![doc = ""]

pub mod cache;
pub mod cli;
pub mod doctor;
pub mod emit;
pub mod graph;
pub mod input;
pub mod model;
pub mod nix;
pub mod plan;
pub mod review;
pub mod verify;
