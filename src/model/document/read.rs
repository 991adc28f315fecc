//! Reading a document back.

use std::collections::BTreeSet;

use miette::Diagnostic;
use serde::Deserialize;
use thiserror::Error;

use super::{Document, FORMAT_VERSION, StepRef, schema};

/// The most bytes of a document that is read: many times the largest plan.
pub const MAX_BYTES: usize = 256 << 20;

/// Why some bytes are no plan.
#[derive(Debug, Error, Diagnostic)]
pub enum DocumentError {
    /// More than [`MAX_BYTES`].
    #[error("it has {0} bytes, more than any plan")]
    Size(usize),
    /// No JSON.
    #[error("it is no JSON: {0}")]
    #[diagnostic(help("a plan as JSON is what `rbn-plan --format json` prints"))]
    Syntax(serde_json::Error),
    /// JSON that ends too early.
    #[error("it ends in the middle (line {line})")]
    #[diagnostic(help("make it again: `rbn-plan --format json`"))]
    Cut {
        /// Its last line.
        line: usize,
    },
    /// Another kind of JSON.
    #[error("it is JSON, but no plan: it has no `format_version`")]
    #[diagnostic(help("a plan as JSON is what `rbn-plan --format json` prints"))]
    Foreign,
    /// A version that is not known.
    #[error("it is a plan of format {found}; this program knows format {FORMAT_VERSION}")]
    #[diagnostic(help("print it again with this program, or use the version that printed it"))]
    Version {
        /// What it says.
        found: u64,
    },
    /// The shape is not that of its version.
    #[error("it is no whole plan of format {FORMAT_VERSION}: {0}")]
    Shape(serde_json::Error),
    /// A name that leads nowhere.
    #[error("{from} names {what}, which the plan does not have")]
    Dangling {
        /// The step.
        from: String,
        /// What it names.
        what: String,
    },
}

#[derive(Deserialize)]
struct Head {
    format_version: Option<u64>,
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// [`DocumentError`]: no JSON, another version, a part missing, a name that leads nowhere.
    pub fn read(bytes: &[u8]) -> Result<Self, DocumentError> {
        if bytes.len() > MAX_BYTES {
            return Err(DocumentError::Size(bytes.len()));
        }
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'[') {
            return Err(DocumentError::Foreign);
        }
        let head: Head = serde_json::from_slice(bytes).map_err(|error| {
            if error.is_eof() {
                DocumentError::Cut { line: error.line() }
            } else if error.is_data() {
                DocumentError::Foreign
            } else {
                DocumentError::Syntax(error)
            }
        })?;
        match head.format_version {
            None => return Err(DocumentError::Foreign),
            Some(found) if found != u64::from(FORMAT_VERSION) => {
                return Err(DocumentError::Version { found });
            }
            Some(_) => {}
        }
        let document: Self = serde_json::from_slice(bytes).map_err(DocumentError::Shape)?;
        document.verify()?;
        Ok(document)
    }

    /// Whether every name leads somewhere.
    ///
    /// # Errors
    /// [`DocumentError::Dangling`] for the first that does not.
    pub fn verify(&self) -> Result<(), DocumentError> {
        for (platform, name, step) in self.all() {
            let from = || format!("step {platform}/{name}");
            let dangling = |what: String| DocumentError::Dangling { from: from(), what };
            if !self.packages.contains_key(&step.package) {
                return Err(dangling(format!("the package {}", step.package)));
            }
            let mut seen = BTreeSet::new();
            for dependency in &step.dependencies {
                if seen.insert(&dependency.on) && self.step(&dependency.on).is_none() {
                    return Err(dangling(format!("the step {}", dependency.on)));
                }
            }
        }
        let root = |root: &&StepRef| self.step(root).is_none();
        match self.roots.iter().find(root) {
            Some(root) => Err(DocumentError::Dangling {
                from: "the list of roots".to_owned(),
                what: format!("the step {root}"),
            }),
            None => Ok(()),
        }
    }

    /// The document as JSON, with a line break at its end.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = serde_json::to_string_pretty(self)
            .expect("names and texts only: nothing that JSON cannot say");
        text.push('\n');
        text
    }

    /// The JSON Schema of documents.
    #[must_use]
    pub fn schema() -> String {
        schema::of::<Self>("A plan of rbn-plan", FORMAT_VERSION)
    }
}
