//! Which build machines a workspace is read for.

use super::shim::Shim;
use crate::model::Triple;

/// The build machines to read for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machines {
    /// Their triples; not empty.
    pub hosts: Vec<Triple>,
    /// What Cargo takes for the compiler of each. Without it there can only be rustc's own machine.
    pub shim: Option<Shim>,
}
