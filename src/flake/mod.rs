//! Flakes, read statically: flake.nix over its syntax tree, flake.lock, `follows`.
//!
//! Nothing here runs Nix. What only Nix can compute is [`Unknown`], with the expression and its
//! place; nothing is guessed. The parts, from the ground up:
//!
//! * `parse`, `syntax`: from text to nodes;
//! * `scope`, `value`, `eval`, `sets`, `apply`, `spread`: expressions, as far as they are static;
//! * [`FlakeRef`], [`FlakeInputs`], [`FlakeOutputs`], [`read`]: one flake.nix;
//! * `lock`: flake.lock, its schema apart from what `follows` means;
//! * `drift`: where flake.nix and its lock disagree;
//! * `tree`: a flake with the flakes inside it; the only part that touches the disk;
//! * `wire`: lossless edits for a project that adopts `rbn-plan`.

mod apply;
mod drift;
mod error;
mod eval;
mod flake_ref;
mod inputs;
mod lock;
mod outputs;
mod parse;
mod read;
mod ref_value;
mod sets;
mod span;
mod spread;
mod syntax;
mod tree;
mod url;
mod value;
mod wire;

pub use drift::{Drift, DriftKind, drift};
pub use error::{Failure, Problem, ProblemKind};
pub use flake_ref::{FlakeRef, RefError, RefKind};
pub use inputs::{FlakeInput, FlakeInputs, InputOrigin};
pub use lock::{InputTarget, Lock, LockAttrs, LockNode, NodeId};
pub use outputs::{FlakeOutputs, OutputBody, OutputKey, OutputNode, Parameters};
pub use read::{Flake, Static, read};
pub use ref_value::RefValue;
pub use span::{Span, Spanned};
pub use tree::{FlakeTree, LoadError, LockState, Reached, TreeFlake, load};
pub use value::Unknown;
pub use wire::{
    FlakeCompiler, FlakeToolchain, ToolchainLibrary, Wired, WiredChecks, Wiring, new_flake, wire,
    wire_checks,
};
