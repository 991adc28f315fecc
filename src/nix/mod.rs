//! Nix's own nouns: systems, string and attribute escaping, plain data, values, derivations and
//! their store paths. A leaf: it knows nothing of Cargo.

pub mod data;
pub mod digest;
pub mod escape;
pub mod fields;
pub mod stored;
mod system;
mod version;

pub use system::System;
pub use version::NixVersion;
