//! What there is to build with: this machine's compiler, linkers and shell, where crates come from,
//! and the flake input that a toolchain is pinned by.

pub mod host;
pub mod pinned;
pub mod registries;

pub use host::{HostError, HostToolchain};
