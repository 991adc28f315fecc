//! Why a step is not what it was.

use serde::Serialize;

/// The kind of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// The plan's library or builder: another version of this program.
    Recipe,
    /// The flake input that the toolchain comes from.
    Toolchain,
    /// The build machine's triple.
    Host,
    /// The steps that were asked for.
    Roots,
    /// rustc flags of a platform.
    Rustflags,
    /// A platform's linker.
    Linker,
    /// What rustc says of a platform.
    Cfg,
    /// Variables of every step, or of one.
    Environment,
    /// Code generation.
    Profile,
    /// A part in link-time optimisation.
    Lto,
    /// The package's version.
    Version,
    /// Where its files come from, or their checksum.
    Source,
    /// Enabled features.
    Features,
    /// What it needs, was not needed before, or no longer.
    Dependency,
    /// The build target: root, edition, crate types.
    Target,
    /// Another field of the manifest.
    Manifest,
    /// What it reads of the source tree.
    Files,
    /// config.toml adds other things to it.
    Override,
    /// Steps of the package that are new or gone.
    Steps,
    /// Its name, because another step came or went.
    Name,
}

impl CauseKind {
    /// Whether the cause lies outside of packages and is told once for all steps that it meets.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self <= Self::Lto
    }
}

/// A cause, in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cause {
    /// The kind.
    pub kind: CauseKind,
    /// What changed: `+pcre2 -std`.
    pub text: String,
}

impl Cause {
    /// A cause.
    #[must_use]
    pub fn new(kind: CauseKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}
