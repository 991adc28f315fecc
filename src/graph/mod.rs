//! Generic petgraph helpers: order, one readable cycle, reachability, longest path. Knows no
//! Cargo. A leaf.
//!
//! In all graphs here an edge points from a node to one that it needs.

mod path;
mod reach;

pub use path::{cycle, dependencies_first, longest_path};
pub use reach::{dependencies, dependents};
