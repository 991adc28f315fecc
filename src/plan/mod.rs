//! Lowering units to steps: sources, names, identities, LTO.
//!
//! [`lower::lower`] turns what was read into a [`crate::model::Plan`]; [`facts`] says its steps in the
//! builder's words, which then says what their command lines and environments are.

pub mod check_facts;
pub mod check_modes;
mod clashes;
pub mod collisions;
pub mod configure;
pub mod coverage;
pub mod document;
pub mod editor;
pub mod error;
pub mod externs;
pub mod facts;
pub mod identity;
pub mod licence;
mod linkers;
pub mod lower;
pub mod lto;
pub mod names;
pub mod packages;
pub mod partitions;
pub mod profiles;
pub mod sandbox_paths;
pub mod sbom;

pub use collisions::collisions;
pub use configure::configure;
pub use document::document;
pub use error::PlanError;
pub use lower::lower;
