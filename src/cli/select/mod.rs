//! What to plan: the flags, in Cargo's own words, that all commands share which plan.

mod cargo_notes;
mod check_plan;
mod flags;
mod header_flags;
mod plan_header;
mod read;
mod workspace_dir;

pub use flags::{Only, SelectArgs};
pub use plan_header::{Again, Flags, OtherSelection};
pub use read::Loaded;
pub(super) use read::lower;
pub use workspace_dir::{from, from_here, program, workspace_root};
