//! The tables behind the schema: our keys, those of the older layout, and those of rustc's bootstrap.

pub(super) mod bootstrap;
pub(super) mod older;
pub(super) mod ours;
