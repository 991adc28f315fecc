//! One integration binary: `cargo test --test it [MODULE]`.

mod record;
mod tidy;
