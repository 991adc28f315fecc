//! Nix's own nouns: systems, string and attribute escaping, hashes, derivation names. A leaf.

mod system;

pub use system::System;
