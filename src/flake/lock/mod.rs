//! flake.lock, version 7: its schema apart from what its `follows` paths mean.
//!
//! Source: the Nix manual, "Lock files" (`nix flake --help`).

mod graph;
mod schema;

pub use graph::{Lock, NodeId};
pub use schema::{InputTarget, LockAttrs, LockNode};
