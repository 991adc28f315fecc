//! Why a toolchain cannot be put into the store.

use camino::Utf8PathBuf;
use miette::Diagnostic;
use thiserror::Error;

use crate::toolchain::HostError;

/// What is wrong.
#[derive(Debug, Error, Diagnostic)]
pub enum StoreError {
    /// What is here cannot be described.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Host(#[from] HostError),
    /// The C compiler is another than GCC.
    #[error("`{cc}` does not say where GCC lies")]
    #[diagnostic(help(
        "a closed tree is made of GCC, glibc and binutils: put GCC's `cc` on PATH, or use `rbn-plan toolchain nixpkgs`"
    ))]
    NoGcc {
        /// The compiler.
        cc: Utf8PathBuf,
    },
    /// Rust's or C's programs lie in the store already.
    #[error("{path} lies in the store already")]
    #[diagnostic(help(
        "tools of the store need no copy: `rbn-plan toolchain nixpkgs`, or the file of nixpkgs' toolchain that you have"
    ))]
    InStore {
        /// The program.
        path: Utf8PathBuf,
    },
    /// A library that was named is not here.
    #[error("there is no C library `{name}` that can be linked here")]
    #[diagnostic(help(
        "name it as a linker does (`--library z` for libz.so) and install what it is linked by, on Debian zlib1g-dev"
    ))]
    NoLibrary {
        /// Its name.
        name: String,
    },
    /// A program that was named is not here.
    #[error("there is no program `{name}` on PATH")]
    #[diagnostic(help("install it, or leave it out"))]
    NoProgram {
        /// Its name.
        name: String,
    },
    /// The loader finds no file for a library.
    #[error("{path} needs {library}, which is not on this machine")]
    #[diagnostic(help("install what has it; the program could not be started here either"))]
    NoShared {
        /// Who needs it.
        path: Utf8PathBuf,
        /// What is missing.
        library: String,
    },
    /// A program's file is not understood.
    #[error("{path} cannot be made to run from the store: {reason}")]
    #[diagnostic(help("if it is not one that builds need, take it off PATH"))]
    Elf {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        reason: String,
    },
    /// The system refused.
    #[error("could not {what} {path}")]
    Io {
        /// What was to be done.
        what: &'static str,
        /// The file.
        path: Utf8PathBuf,
        /// Its reason.
        #[source]
        source: std::io::Error,
    },
}
