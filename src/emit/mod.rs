//! Rendering a plan: Nix, JSON, graphs. The only writer of files.

pub mod build;
pub mod drv;
pub mod facts;
pub mod graph;
pub mod json;
pub mod library;
mod machines;
pub mod nix;
mod packages;
mod printed;
mod profiles;
pub mod review;
mod steps;
pub mod template;
pub mod toolchain;
pub mod writer;

/// The mark of files that this program may overwrite.
pub const GENERATED: &str = "@generated";
