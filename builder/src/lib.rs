//! The rules of one compilation step, each once: facts to command line and environment, the places of
//! files, the protocol of build scripts and what their words do, threads, the compile cache, outputs.
//!
//! It is two things. `rbn-plan` uses it as a library: for identities, for the plan as JSON, for `verify`.
//! And [`source`] is the program that builds every step: its text stands in every plan, and the first
//! derivation of a build compiles it with the toolchain's own rustc. So what is proven is what runs.
//!
//! A change here moves the hash of every derivation. So rules are here and nothing else: hints, display and
//! wording are the tool's. It uses the standard library alone.
//!
//! | rule | where |
//! |---|---|
//! | what a plan may say of a step | [`step`], [`package`], [`profile`], [`target`], read by [`facts`] |
//! | rustc's arguments | [`argv`] |
//! | the environment | [`environment`] |
//! | identities | [`identity`] |
//! | which crates and scripts reach a step | [`crates`] |
//! | what scripts say, and what it does | [`protocol`], [`directives`], [`effects`] |
//! | where files lie | [`package`], [`sources`] |
//! | a library's metadata in a step of its own, and its proof | `metadata` |
//! | libraries that no crate makes | `native` |
//! | what steps tell each other | [`note`] |
//! | what rustc's own build adds | [`bootstrap`], `shim`, `assemble`, `archive` |
//! | which compiler it must be | [`tools`] |
//! | what checks call: tests, rustdoc, clippy | [`called`], `test_run`, `rustdoc`, `lint` |
//! | how checks run, and what they report | [`check`], [`attempt`], [`report`] |

mod archive;
pub mod argv;
mod assemble;
pub mod attempt;
pub mod bootstrap;
mod cache;
mod call;
pub mod called;
pub mod check;
pub mod collect;
mod compile;
mod coverage;
pub mod crates;
pub mod directives;
pub mod effects;
pub mod environment;
pub mod facts;
pub mod failure;
mod gate;
mod here;
pub mod identity;
mod jobserver;
pub mod json;
mod key;
mod library;
mod lint;
mod metadata;
mod native;
pub mod note;
mod of_bootstrap;
pub mod package;
mod process;
pub mod profile;
pub mod program;
pub mod protocol;
pub mod report;
mod run;
mod rustdoc;
pub mod sha256;
mod shim;
mod site;
mod source;
pub mod sources;
mod stand_in;
pub mod step;
pub mod subject;
pub mod target;
mod test_run;
pub mod tools;
mod watch;

pub use source::{checks, source, source_of_bootstrap};
