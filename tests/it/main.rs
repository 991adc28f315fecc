//! One integration binary: `cargo test --test it [MODULE]`.

mod compare;
mod config;
mod cross;
mod directives;
mod document;
mod flake;
mod record;
mod tidy;
mod verify;
mod workspaces;
