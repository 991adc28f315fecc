//! Nix's own nouns: systems, string and attribute escaping. A leaf: it knows nothing of Cargo.

pub mod digest;
pub mod escape;
mod system;

pub use system::System;
