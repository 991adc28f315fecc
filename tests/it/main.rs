//! One integration binary: `cargo test --test it [MODULE]`.

mod agree;
mod cache;
mod compare;
mod config;
mod directives;
mod document;
mod doctor;
mod drv;
mod flake;
mod record;
mod tidy;
mod verify;
mod workspaces;
