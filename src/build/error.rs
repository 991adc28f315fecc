//! Why a build was not watched, or its times cannot be read.

use camino::Utf8PathBuf;
use miette::Diagnostic;
use thiserror::Error;

use crate::files::reader::ReadError;

/// What went wrong beside the build itself.
#[derive(Debug, Error, Diagnostic)]
pub enum BuildError {
    /// There is no Nix.
    #[error("there is no `{program}` here to build with")]
    #[diagnostic(help(
        "install Nix, or put it on PATH; `rbn-plan doctor` says what else is missing"
    ))]
    NoNix {
        /// What was to be started.
        program: String,
    },
    /// The system refused.
    #[error("could not {what}")]
    Io {
        /// What was to be done.
        what: &'static str,
        /// Its reason.
        #[source]
        source: std::io::Error,
    },
    /// A file of times that cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    File(#[from] ReadError),
    /// A timeline of another version.
    #[error("{path} is a timeline of format {found}; this program reads format {expected}")]
    #[diagnostic(help("read it with the program that wrote it, or build again"))]
    Version {
        /// The file.
        path: Utf8PathBuf,
        /// Its version.
        found: u64,
        /// Ours.
        expected: u32,
    },
    /// A log of Nix's without times.
    #[error("{path} is a log of Nix without any times: its lines do not say when they came")]
    #[diagnostic(help(
        "`rbn-plan build` notes the times itself; for a log of your own, let `ts %.s` (moreutils) put \
         the seconds before each line: nix build --log-format internal-json ... 2>&1 | ts %.s > LOG"
    ))]
    NoStamps {
        /// The file.
        path: Utf8PathBuf,
    },
    /// Neither of the kinds.
    #[error("{path} holds no times: {reason}")]
    #[diagnostic(help(
        "times are a timeline of `rbn-plan build`, {{\"steps\": {{\"host/syn-2.0.90\": 1200}}}} in \
         milliseconds, or a log of `nix build --log-format internal-json` with the seconds before \
         each line"
    ))]
    NoTimes {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
