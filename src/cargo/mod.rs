//! Reading Cargo: metadata, unit graph, manifests, lock, configuration, rustc probes.
//!
//! Cargo decides features, versions and units; this room only asks it and keeps the answers as
//! typed values. [`load::load`] is the one place that runs processes and reads files.

pub mod checkout;
pub mod code_variables;
mod concat;
mod declared;
pub mod error;
pub mod exported;
pub mod file_lock;
pub mod files;
pub mod followed;
pub mod git_source;
pub mod gitignore;
mod home;
pub mod left_out;
pub mod load;
pub mod lock;
mod machines;
pub mod manifest;
pub mod manifests;
mod meant_paths;
pub mod member;
pub mod mentions;
pub mod metadata;
mod metadata_cache;
mod metadata_call;
mod nested;
mod openings;
pub mod options;
pub mod package_tree;
pub mod paths;
pub mod probe;
pub mod probe_cache;
pub mod process;
pub mod profile_root;
mod refused;
pub mod registry;
pub mod roots;
pub mod rustflags;
pub mod script_paths;
pub mod script_words;
pub mod searches;
pub mod selection;
pub mod settings;
pub mod shim;
pub mod sought_places;
pub mod source_scan;
pub mod spoken;
mod surroundings;
pub mod tokens;
pub mod tree_files;
pub mod unit_graph;
mod unstable;
pub mod untrusted;
pub mod variables;
pub mod versions;

pub use error::CargoError;
pub use home::home;
pub use load::{Workspace, load, load_on};
pub use machines::Machines;
pub use options::Options;
pub use probe_cache::Answers;
pub use selection::Selection;
pub use shim::Shim;
pub use untrusted::Untrusted;
