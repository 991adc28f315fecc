//! Why a file is no plan.

use std::ops::Range;

use miette::Diagnostic;
use thiserror::Error;

/// Why a plan's file cannot be read.
#[derive(Debug, Error, Diagnostic)]
pub enum StepsError {
    /// Not what this program writes.
    #[error("it is no plan: it does not begin as one of rbn-plan")]
    #[diagnostic(help("a plan's file is what `rbn-plan` prints, such as generated/steps.nix"))]
    Foreign,
    /// The end is missing.
    #[error("it ends in the middle")]
    #[diagnostic(help("make it again: `rbn-plan -o FILE`"))]
    Cut,
    /// Another version.
    #[error("it is a plan of format {found}; this program knows format {known}")]
    #[diagnostic(help("make it again with this program, or use the version that made it"))]
    Version {
        /// What it says.
        found: String,
        /// What is known.
        known: i64,
    },
    /// A place that is no data.
    #[error("its facts cannot be read: {reason}")]
    #[diagnostic(help("was it edited by hand, or merged? make it again: `rbn-plan -o FILE`"))]
    Data {
        /// What was expected.
        reason: String,
        /// Where.
        #[label("here")]
        span: Range<usize>,
    },
    /// A fact that has no meaning here.
    #[error("{place}: {reason}")]
    #[diagnostic(help("was it edited by hand, or merged? make it again: `rbn-plan -o FILE`"))]
    Fact {
        /// The attribute's path.
        place: String,
        /// What is wrong.
        reason: String,
    },
}

impl StepsError {
    pub(super) fn fact(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Fact { place: place.into(), reason: reason.into() }
    }
}
