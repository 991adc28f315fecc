//! What to plan: the flags, in Cargo's own words, that all commands share which plan.

mod committed;
mod flags;
mod given;
mod place;
mod read;

pub use committed::{Again, OtherSelection};
pub use flags::SelectArgs;
pub use place::{from, from_here, program, workspace_root};
pub use read::Loaded;
pub(super) use read::lower;
