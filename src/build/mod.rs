//! A build that Nix does, watched: its stream of activities, read into a record of what was built,
//! when, and how it ended.
//!
//! Nix tells its activities with `--log-format internal-json`, a line each on stderr. [`line`] reads
//! one, [`tracker`] follows them, [`record`] is what is left at the end, [`summary`] what is said of
//! it. All of that is pure; [`store`] reads `.drv` files and [`run`] starts Nix.
//!
//! # Which step is a derivation?
//!
//! Nix speaks of `/nix/store/…-serde-1.0.217.drv`. Steps of several platforms share such a name, so
//! it decides nothing. The file itself does: its structured attributes have `step` and `platform`,
//! since the builder names the step in its messages. Reading the few kilobytes of each file that Nix
//! speaks of is exact, costs no second evaluation, and needs none of the arguments that Nix was
//! given. Where there is no such file (a store on another machine), the name is taken where only
//! one step of the plan has it, and otherwise the derivation counts as one that is no step's.

pub mod archive;
pub mod assemble;
pub mod caches;
pub mod derivation;
pub mod dry;
pub mod error;
pub mod hints;
pub mod line;
pub mod machine;
pub mod outputs;
pub mod processors;
pub mod progress;
pub mod record;
pub mod report;
pub mod run;
pub mod saved;
pub mod silence;
pub mod store;
pub mod summary;
pub mod tracker;
pub mod trouble;
pub mod warnings;

pub use derivation::{Known, Subject};
pub use error::BuildError;
pub use record::{Job, Outcome, Record, Status};
pub use summary::Summary;
