//! One integration binary: `cargo test --test it [MODULE]`.

mod directives;
mod record;
mod tidy;
