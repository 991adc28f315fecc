//! Reading a plan's file (`generated/steps.nix`) back: its facts become a [`Plan`] again.
//!
//! What people commit is the file, so a review must be able to read an old one. Only the facts
//! are read, which are plain data; the library after them is digested, so that a change of it is
//! seen. Identities are not stated in the file: `plan::identity` computes them.

mod error;
mod facts;
mod file;
mod step;
mod values;

use crate::model::Plan;

pub use error::StepsError;
pub use file::{MARK, facts_of, flags_of, recipe};

/// The version of the facts that this program writes and reads (`formatVersion` in the file).
pub const FORMAT_VERSION: i64 = 1;

/// Reads a plan's file. The steps' identities are empty.
///
/// # Errors
/// [`StepsError`]: no plan, a plan that ends in the middle, another version, a fact that is not
/// known, a name that leads nowhere.
pub fn read(text: &str) -> Result<(Plan, String), StepsError> {
    let file = file::split(text)?;
    let facts = facts::read(&file)?;
    Ok((step::plan(&file, facts)?, file.recipe))
}
