//! `config.toml`: one documented schema, spans on every error.
//!
//! - `key`, `keys` and `schema`: the table of every key; the reference page is made from it.
//! - `document`: text to keys with values, by TOML's syntax and the schema's types.
//! - `layers`: what the environment and the flags add.
//! - `reader` and one file per section: values to types; the strongest layer wins, all are checked.
//! - `entries`, `reference`: the effective values as a list, and the page for people.
//! - `load`: the only file that touches the disk.
//!
//! Precedence: flag, environment, file, default. `.cargo/config.toml` is Cargo's and read elsewhere.

mod audit;
pub mod bootstrap_file;
mod build;
mod checks;
mod entries;
mod entry;
mod env;
mod install;
mod invalid;
mod key;
mod keys;
mod layers;
mod load;
mod nix;
mod notice;
mod origin;
mod overrides;
mod parse;
mod problem;
mod raw_value;
mod reader;
mod reference;
mod resolve;
mod scalars;
mod sccache;
pub mod schema;
mod target;
mod toolchain;

pub use audit::Audit;
pub use build::{Build, Machine, PackageSelection};
pub use checks::{CheckPlan, Checks};
pub use entry::Entry;
pub use env::{Env, EnvValue};
pub use install::Install;
pub use invalid::Invalid;
pub use layers::{
    Environment, FILE_VARIABLE, Form, Overrides, UNTRUSTED_VARIABLE, VARIABLES, Variable,
};
pub use load::{FILE_NAME, OTHER_NAME, is_ours, load, named_files, usual_file};
pub use nix::Nix;
pub use notice::Notice;
pub use origin::{Origin, Setting};
pub use overrides::{Override, OverrideKind, PackageInput};
pub use problem::{ConfigError, Fault, Place, Problem};
pub use reference::reference;
pub use resolve::{Config, Layers, Loaded};
pub use scalars::{
    Component, CrateName, FeatureName, FlakeRef, InStore, InputName, PackageSpec, ProfileName,
    Program, RelativePath, Size, VariableName,
};
pub use sccache::{Sccache, is_secret};
pub use target::TargetTools;
pub use toolchain::{Channel, Provider, Toolchain, ToolchainVersion};
