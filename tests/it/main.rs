//! One integration binary: `cargo test --test it [MODULE]`.

mod config;
mod document;
mod graph;
mod tidy;
