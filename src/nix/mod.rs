//! Nix's own nouns: string and attribute escaping, names. A leaf: it knows nothing of Cargo.

pub mod escape;
