//! Lowering units to steps: sources, names, identities, LTO, arguments, environment.
//!
//! [`lower::lower`] turns what was read into a [`crate::model::Plan`]; [`args`] and [`env`] say
//! what a step's command line and environment are. The same rules stand in `templates/lib/`,
//! because a plan states facts and Nix makes the commands of them; a test compares the two.

pub mod args;
pub mod check_modes;
pub mod collisions;
pub mod configure;
pub mod directives;
pub mod document;
pub mod env;
pub mod error;
pub mod identity;
mod linkers;
pub mod lower;
pub mod lto;
pub mod names;
pub mod packages;
pub mod sandbox_paths;
pub mod script_effects;

pub use collisions::collisions;
pub use configure::configure;
pub use document::document;
pub use error::PlanError;
pub use lower::lower;
