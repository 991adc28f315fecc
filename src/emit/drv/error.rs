//! Why a step's derivation cannot be told without Nix.

use camino::Utf8PathBuf;
use miette::Diagnostic;
use thiserror::Error;

use crate::model::PackageKey;
use crate::nix::derivation::DerivationError;
use crate::nix::source::SourceError;

/// Why a step's derivation cannot be told.
#[derive(Debug, Error, Diagnostic)]
pub enum DrvError {
    /// Nix would refuse it.
    #[error(transparent)]
    Derivation(#[from] DerivationError),
    /// A package's files cannot be read.
    #[error(transparent)]
    #[diagnostic(help("the source tree must be the one that was planned"))]
    Source(#[from] SourceError),
    /// A git source, whose path in the store depends on its files.
    #[error("the source of {0} is known only after Nix has fetched it")]
    #[diagnostic(help("give its store path, which `nix build` of any of its steps leaves behind"))]
    Unfetched(PackageKey),
    /// A registry without `dl`.
    #[error("the toolchain does not know the registry `{0}`")]
    #[diagnostic(help("run `cargo fetch`, then describe the toolchain again"))]
    UnknownRegistry(String),
    /// A program or library that the toolchain does not have.
    #[error("the toolchain has no input `{0}`")]
    #[diagnostic(help("add it to the toolchain's `inputs`, for another target to `targetInputs`"))]
    UnknownInput(String),
    /// A file to add has no name.
    #[error("`{0}` names no file")]
    Nameless(Utf8PathBuf),
    /// The steps need each other.
    #[error("the steps of the plan need each other: {}", .0.join(", "))]
    Circle(Vec<String>),
}
