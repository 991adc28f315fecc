//! Files of the user's: the one place that writes them.

pub mod writer;

/// The mark of files that this program may overwrite.
pub const GENERATED: &str = "@generated";
