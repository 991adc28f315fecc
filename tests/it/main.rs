//! One integration binary: `cargo test --test it [MODULE]`.

mod agree;
mod cache;
mod compare;
mod config;
mod cross;
mod directives;
mod document;
mod doctor;
mod drv;
mod flake;
mod graph;
mod record;
mod tidy;
mod verify;
mod workspaces;
