//! The domain: packages, build targets, profiles, platforms, steps, edges, plans. No I/O.
//!
//! Cargo's words mean what they mean in Cargo (1.95); a *step* is one derivation of ours.

pub mod additions;
pub mod bootstrap;
pub mod build_target;
pub mod checks;
pub mod document;
pub mod edge;
pub mod header;
pub mod package;
pub mod plan;
pub mod platform;
pub mod profile;
pub mod source;
pub mod split;
pub mod step;

pub use additions::Additions;
pub use build_target::{BuildTarget, CrateType, TargetKind};
pub use checks::{Checks, Verb};
pub use document::Document;
pub use edge::Edge;
pub use package::{Package, PackageKey};
pub use plan::{Plan, PlanGraph, StepId, ToolchainPin, default_target};
pub use platform::{Platform, Triple};
pub use profile::{Lto, Panic, Profile};
pub use source::Source;
pub use split::Split;
pub use step::{Mode, Step, StepKind, StepName};
