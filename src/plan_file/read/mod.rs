//! Reading a plan's file (`generated/steps.nix`) back: its facts become a [`Plan`] again.
//!
//! What people commit is the file, so a review must be able to read an old one. Only the facts
//! are read, which are plain data; the library after them is digested, so that a change of it is
//! seen. Identities are not stated in the file: `plan::identity` computes them.

mod bootstrap;
mod error;
mod facts;
mod file;
mod step;
mod values;

use crate::model::Plan;

pub use error::StepsError;
pub use file::{FORMAT_VERSION, MARK, facts_of, flags_of, recipe};

/// Reads a plan's file: of several build machines the plan of the first, by name. The steps'
/// identities are empty.
///
/// # Errors
/// [`StepsError`]: no plan, a plan that ends in the middle, another version, a fact that is not
/// known, a name that leads nowhere.
pub fn read(text: &str) -> Result<(Plan, String), StepsError> {
    let file = file::split(text)?;
    let facts = facts::read(facts::attrs(&file)?, 0)?;
    Ok((step::plan(&file, facts)?, file.recipe))
}

/// Reads the plans of all build machines that a file is for, in the order of the machines' names;
/// as [`read`] in everything else. There is at least one.
///
/// # Errors
/// As [`read`].
pub fn read_all(text: &str) -> Result<(Vec<Plan>, String), StepsError> {
    let file = file::split(text)?;
    let attrs = facts::attrs(&file)?;
    let plans = (0..facts::machines(&attrs))
        .map(|machine| step::plan(&file, facts::read(attrs.clone(), machine)?))
        .collect::<Result<_, _>>()?;
    Ok((plans, file.recipe))
}
