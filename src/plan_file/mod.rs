//! A plan's file, `generated/steps.nix`, and the same plan as JSON: the writer of each beside its reader.

pub mod json;
pub mod read;
pub mod write;
