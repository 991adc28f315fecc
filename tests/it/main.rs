//! One integration binary: `cargo test --test it [MODULE]`.

mod flake;
mod tidy;
