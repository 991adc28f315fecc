//! The crate that is taken from git.

pub const GREETING: &str = "hello from a git repository";
