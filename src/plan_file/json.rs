//! The plan as JSON: what other programs read.

use super::write::library;
use crate::model::{Document, Plan};
use crate::plan;

/// The document of a plan.
#[must_use]
pub fn document(plan: &Plan) -> Document {
    plan::document(plan, library::recipe(plan.bootstrap.is_some()))
}

/// The document's text.
#[must_use]
pub fn render(plan: &Plan) -> String {
    document(plan).write()
}
