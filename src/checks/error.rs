//! Why reports cannot be read or told.

use camino::Utf8PathBuf;
use miette::Diagnostic;
use thiserror::Error;

use crate::files::reader::ReadError;

fn needs(tests: &[String]) -> &'static str {
    if tests.len() == 1 { "a test asks" } else { "tests ask" }
}

/// What is wrong with the reports of checks.
#[derive(Debug, Error, Diagnostic)]
pub enum ChecksError {
    /// A file of a report.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Read(#[from] ReadError),
    /// A directory of reports.
    #[error("could not read the reports in {dir}")]
    Directory {
        /// The directory.
        dir: Utf8PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A report of another version.
    #[error("{file} is no report of a check: {reason}")]
    #[diagnostic(help("it was made by another rbn-plan; plan and build again with this one"))]
    Report {
        /// The file.
        file: Utf8PathBuf,
        /// What of it is not understood.
        reason: String,
    },
    /// The lines that ran.
    #[error("{file} does not say which lines ran: {reason}")]
    #[diagnostic(help("it was made by another rbn-plan or another LLVM; plan and build again"))]
    Lcov {
        /// The file.
        file: Utf8PathBuf,
        /// What of it is not understood.
        reason: String,
    },
    /// A share of lines that is none.
    #[error("`{0}` is not a number from 0 to 100")]
    Percent(String),
    /// A skip list with a name that no test has.
    #[error("`{0}` in the list of skipped tests names no test")]
    #[diagnostic(help(
        "take it out of `checks.skip` in config.toml, or write a part of a test's name as `cargo test -- --list` shows it"
    ))]
    Skip(String),
    /// Tests that a stable compiler refuses, and nothing else that failed.
    #[error("{} for a nightly compiler, which this one is not: {}", needs(.0), .0.join(", "))]
    #[diagnostic(help(
        "build with a nightly toolchain (`toolchain` in config.toml, or rustup's override), or mark such an example \
         `ignore`; `checks.skip` in config.toml leaves it out here alone"
    ))]
    Nightly(Vec<String>),
    /// The JUnit report.
    #[error("could not write the JUnit report")]
    Junit(#[source] quick_junit::SerializeError),
}
