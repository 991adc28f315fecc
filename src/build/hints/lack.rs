//! What a step lacked.

use camino::Utf8PathBuf;

/// What a step lacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// rustc's standard library for the step's platform.
    StandardLibrary,
    /// A native library, by the linker's name; empty where it is not told.
    Library(String),
    /// A library that pkg-config looked for; empty where it is not told.
    PkgConfig(String),
    /// A C header.
    Header(String),
    /// A program.
    Program(String),
    /// A file or directory, as the program named it.
    File(Utf8PathBuf),
}
