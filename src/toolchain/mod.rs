//! What there is to build with: this machine's compiler, linkers and shell, where crates come from,
//! and the flake input that a toolchain is pinned by.

mod cross;
pub mod host;
pub mod llvm_tools;
pub mod pinned;
pub mod provider;
pub mod registries;
pub mod rendered;
mod seals;
mod search;
pub mod store;
pub mod wanted;

pub use cross::{is_other_architecture, prefixes};
pub use host::{HostError, HostToolchain, SCRIPT_SHELL};
pub use search::on_path;
pub use wanted::Wanted;
