//! rustc's own build, planned: what x.py would run, as steps.
//!
//! A *stage* is a toolchain. A *mode* is the plan of one of the tree's Cargo workspaces: the compiler, the
//! standard library, a tool. The same facts serve all stages, because a stage changes two flags and one
//! text ([`crate::model::bootstrap`]). A *composition* ([`composition`]) wires modes to stages and assembles
//! toolchains of their steps; all of it is lazy Nix, planned before anything is built.
//!
//! x.py is not interpreted. Its rules stand here as data for the versions that [`versions`] names, each
//! where it belongs:
//!
//! | rule | where |
//! |---|---|
//! | what the tree says of itself | [`tree`] |
//! | what `bootstrap.toml`, its includes and its profile say | [`layers`], [`settings`] |
//! | which of it no plan can have, and which of it changes nothing | [`keys`] |
//! | what each mode selects and passes | [`mode`], one file each |
//! | rustflags that modes share, in x.py's order | [`flags`] |
//! | what an installation has, and where | [`installation`] |
//! | who reads which variable | [`environment`], [`c_compilers`] |

pub mod c_compilers;
pub mod composition;
pub mod environment;
pub mod error;
pub mod flags;
pub mod installation;
pub mod keys;
pub mod layers;
pub mod llvm;
pub mod mode;
pub mod planning;
pub mod settings;
mod targets;
pub mod tree;
pub mod versions;

pub use error::BootstrapError;
pub use settings::Settings;
pub use tree::Tree;
