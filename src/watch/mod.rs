//! Waiting until a file of a tree changes.
//!
//! What the system says of a file only wakes us. Whether something changed is seen by looking at the
//! tree again, so an editor's temporary files, a file that is written as it was, and an event that got
//! lost do no harm.

mod tree;
mod wait;

pub use tree::{Places, Seen};
pub use wait::{Woken, wait};
