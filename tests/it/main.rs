//! One integration binary: `cargo test --test it [MODULE]`.

mod agree;
mod cache;
mod compare;
mod config;
mod directives;
mod doctor;
mod document;
mod flake;
mod pinned;
mod record;
mod tidy;
mod verify;
mod workspaces;
