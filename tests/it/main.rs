//! One integration binary: `cargo test --test it [MODULE]`.

mod compare;
mod config;
mod directives;
mod document;
mod flake;
mod graph;
mod record;
mod tidy;
mod verify;
mod workspaces;
