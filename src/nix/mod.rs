//! Nix's own nouns: systems, string and attribute escaping, plain data. A leaf: it knows nothing of Cargo.

pub mod data;
pub mod digest;
pub mod escape;
mod system;

pub use system::System;
