//! What can go wrong while Cargo is read.

use std::fmt;

use camino::Utf8PathBuf;
use miette::Diagnostic;
use thiserror::Error;

use super::refused::Refused;
use super::versions;
use crate::files::reader::ReadError;
use crate::model::Triple;
use crate::text::excerpt::Excerpt;

/// Why a workspace could not be read.
#[derive(Debug, Error, Diagnostic)]
pub enum CargoError {
    /// A program is not there.
    #[error("could not start `{program}`")]
    #[diagnostic(help("{help}"))]
    Start {
        /// The program's name.
        program: String,
        /// What to do.
        help: String,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// Cargo or rustc said no; its own words are the message, and come first.
    #[error("{}`{command}` failed ({status})", above(.stderr))]
    Failed {
        /// The command line, shortened to what a person needs.
        command: String,
        /// How it ended.
        status: String,
        /// What it said.
        stderr: String,
        /// What to do, where it is known.
        #[help]
        help: Option<String>,
    },
    /// A toolchain of rustup's that nobody installed.
    #[error("the toolchain `{toolchain}`{named} is not installed")]
    #[diagnostic(help("run `rustup toolchain install`: planning installs nothing"))]
    NoToolchain {
        /// rustup's name for it.
        toolchain: String,
        /// What asks for it.
        named: NamedBy,
    },
    /// What a nightly Cargo does and no plan has.
    #[error("no plan has what `-Z {name}` does: {what}")]
    #[diagnostic(help(
        "leave it out: the flag, or `unstable.{name}` of Cargo's configuration or environment"
    ))]
    Unplanned {
        /// The flag's name.
        name: &'static str,
        /// What it does.
        what: &'static str,
    },
    /// A triple that rustc does not know.
    #[error("rustc knows no target `{triple}`")]
    #[diagnostic(help("{help}"))]
    UnknownTarget {
        /// The triple.
        triple: Triple,
        /// What to do.
        help: String,
    },
    /// Cargo or rustc answered with something this version cannot read.
    #[error("could not read what `{command}` printed: {reason}")]
    #[diagnostic(help(
        "rbn-plan is proven with Cargo {} to {}; another Cargo may print another format, please report it",
        versions::OLDEST,
        versions::NEWEST
    ))]
    Answer {
        /// The command.
        command: String,
        /// What was not understood.
        reason: String,
    },
    /// A unit that cannot be planned.
    #[error("cannot plan unit `{unit}`: {reason}")]
    Unit {
        /// Package and target.
        unit: String,
        /// Why not.
        reason: String,
        /// What to do.
        #[help]
        help: Option<String>,
    },
    /// A file could not be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Read(#[from] ReadError),
    /// A tree that is not trusted, and what it would have executed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Untrusted(Box<Refused>),
    /// A path that is not Unicode.
    #[error("the path `{0}` is not valid UTF-8, which neither Cargo.toml nor Nix can express")]
    NotUnicode(String),
    /// A TOML file that does not parse.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Toml(Box<TomlError>),
    /// No package and no workspace.
    #[error("there is no Cargo.toml in {dir}, nor above it")]
    #[diagnostic(help("go to a Cargo workspace, or name one: -C DIR, --manifest-path FILE"))]
    NoManifest {
        /// Where Cargo looked from.
        dir: String,
    },
    /// No lock file.
    #[error("there is no Cargo.lock in {dir}")]
    #[diagnostic(help(
        "run `cargo generate-lockfile` there and commit the result: a plan is made from locked versions"
    ))]
    NoLock {
        /// The workspace root.
        dir: Utf8PathBuf,
    },
    /// The manifests want something else than the lock has.
    #[error("{path} is out of date: the manifests want something else")]
    #[diagnostic(help(
        "run `cargo update --workspace` (what still fits stays; `cargo generate-lockfile` takes the newest of everything), commit Cargo.lock, and plan again"
    ))]
    StaleLock {
        /// The lock.
        path: Utf8PathBuf,
    },
    /// The lock knows no checksum for a package of a registry.
    #[error("Cargo.lock has no checksum for {package}")]
    #[diagnostic(help(
        "remove the package's entry from Cargo.lock and run `cargo generate-lockfile`, or vendor it"
    ))]
    NoChecksum {
        /// Name and version.
        package: String,
    },
    /// A directory that code names is no part of the source tree.
    #[error("{package} names {path}, which is {real}: outside of {bound}")]
    #[diagnostic(help(
        "a plan holds the files of the source tree only: copy the directory there, or name single files of it"
    ))]
    OutOfBounds {
        /// The package's directory.
        package: Utf8PathBuf,
        /// What is named.
        path: Utf8PathBuf,
        /// The same without links.
        real: Utf8PathBuf,
        /// The source tree.
        bound: Utf8PathBuf,
    },
    /// A source tree without end.
    #[error("gave up at {path}: the packages of this workspace have more than {most} files")]
    #[diagnostic(help(
        "is a directory there that no build needs? Let git ignore it, or move it out of the package"
    ))]
    TooManyFiles {
        /// Where it stopped.
        path: Utf8PathBuf,
        /// How many are looked at.
        most: usize,
    },
    /// Cargo's configuration could not be read.
    #[error("could not read Cargo's configuration: {0}")]
    Settings(String),
}

/// The file that a toolchain is named in, if one names it.
#[derive(Debug)]
pub struct NamedBy(pub Option<Utf8PathBuf>);

impl fmt::Display for NamedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(file) => write!(f, ", which {file} names,"),
            None => Ok(()),
        }
    }
}

/// A TOML file that is not what Cargo expects.
#[derive(Debug, Error, Diagnostic)]
#[error("{path} is not what Cargo expects")]
pub struct TomlError {
    path: Utf8PathBuf,
    #[source_code]
    text: Excerpt,
    #[label("{message}")]
    span: Option<miette::SourceSpan>,
    message: String,
}

impl CargoError {
    /// An error of a TOML file with the parser's span.
    #[must_use]
    pub fn toml(path: &camino::Utf8Path, text: &str, error: &toml::de::Error) -> Self {
        Self::Toml(Box::new(TomlError {
            path: path.to_owned(),
            text: Excerpt::new(path.as_str(), text),
            span: error.span().map(Into::into),
            message: error.message().to_owned(),
        }))
    }
}

/// Words that stand above others, on lines of their own.
fn above(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!("{words}\n") }
}
