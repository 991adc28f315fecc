//! Keys of a tree that is not trusted.

use std::fmt;

use camino::Utf8PathBuf;
use miette::Diagnostic;
use thiserror::Error;

use crate::text::visible;

/// A key of a file, and what of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Utf8PathBuf,
    /// The key, as TOML writes it.
    pub key: String,
    /// What of it.
    pub what: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, key) = (visible::escaped(self.file.as_str()), visible::escaped(&self.key));
        write!(f, "{file}: `{key}`: {}", visible::escaped(&self.what))
    }
}

/// What would have been executed.
#[derive(Debug, Error, Diagnostic)]
#[error("the tree is not trusted, and it names what planning would execute:{}", lines(.0))]
#[diagnostic(help(
    "take the keys out of the tree, or look at what they name and plan without --untrusted"
))]
pub struct Refused(pub Vec<Place>);

fn lines(places: &[Place]) -> String {
    places.iter().map(|place| format!("\n{place}")).collect()
}

impl Refused {
    /// One key of a file.
    #[must_use]
    pub fn one(file: impl Into<Utf8PathBuf>, key: &str, what: &str) -> Self {
        let (key, what) = (key.to_owned(), what.to_owned());
        Self(vec![Place { file: file.into(), key, what }])
    }
}
