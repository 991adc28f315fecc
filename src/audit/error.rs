//! Why nothing can be said of a plan's packages.

use camino::Utf8PathBuf;
use miette::Diagnostic;
use thiserror::Error;

use crate::files::reader::ReadError;

/// What is wrong with what packages are compared with.
#[derive(Debug, Error, Diagnostic)]
pub enum AuditError {
    /// A file of the database.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Read(#[from] ReadError),
    /// A directory of the database.
    #[error("could not read {dir}")]
    Directory {
        /// The directory.
        dir: Utf8PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Something else than a database.
    #[error("{0} is no advisory database: it has no directory `crates`")]
    #[diagnostic(help("name a copy of RustSec's advisory-db, or a directory of the same layout"))]
    NoDatabase(Utf8PathBuf),
    /// An advisory that says nothing for certain.
    #[error("{file} is no advisory: {reason}")]
    #[diagnostic(help(
        "nothing is said of a plan on half a database: mend the file, or take a copy of the database that is whole"
    ))]
    Advisory {
        /// The file.
        file: Utf8PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
