//! Files of the user's: the one place that writes them, and the one that reads what others made.

pub mod assembly;
mod place;
pub mod reader;
pub mod writer;

/// The mark of files that this program may overwrite.
pub const GENERATED: &str = "@generated";
