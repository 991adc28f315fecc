//! What is known against the packages of a plan: advisories of a database in RustSec's layout, and licences
//! that nobody allowed.

mod advisory;
mod chains;
mod database;
mod error;
mod findings;
mod licences;
mod range;

pub use chains::Chain;
pub use database::Database;
pub use error::AuditError;
pub use findings::{Finding, Findings, Wanted, look};
