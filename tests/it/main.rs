//! One integration binary: `cargo test --test it [MODULE]`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod agree;
mod answers;
mod audit;
mod build;
mod cache;
mod cargo_settings;
mod checks;
mod circles;
mod commands;
mod compare;
mod config;
mod configurations;
mod configured;
mod cross;
mod directives;
mod doctor;
mod document;
mod faults;
mod flake;
mod fuzz;
mod graph;
mod interrupted;
mod nightly;
mod pages;
mod pinned;
mod provider;
mod record;
mod sbom;
mod surroundings;
mod tidy;
mod untrusted;
mod verify;
pub mod workspaces;
