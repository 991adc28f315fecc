//! What checks found: the reports that a plan's checks leave in the store, read and put in words.
//!
//! A report keeps what a program said and how it ended ([`rbn_builder::report`]); what that means is
//! read here, so that new words of a harness build nothing again.

pub mod coverage;
mod error;
pub mod junit;
pub mod libtest;
pub mod lints;
pub mod nightly;
mod reports;
pub mod summary;

pub use error::ChecksError;
pub use reports::{Checked, read};
