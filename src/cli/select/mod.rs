//! What to plan: the flags, in Cargo's own words, that all commands share which plan.

mod flags;
mod place;
mod read;

pub use flags::SelectArgs;
pub use place::{program, workspace_root};
pub use read::Loaded;
pub(super) use read::lower;
