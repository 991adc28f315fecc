//! What Cargo is asked to do while it is recorded.

use std::ffi::OsString;

/// Cargo's command.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CargoCommand {
    /// `cargo build`.
    #[default]
    Build,
    /// `cargo check`.
    Check,
    /// `cargo clippy`.
    Clippy,
    /// `cargo test`, of programs that do nothing.
    Test,
    /// `cargo bench`, likewise.
    Bench,
    /// `cargo doc`.
    Doc,
}

impl CargoCommand {
    /// Its words.
    #[must_use]
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Build => &["build"],
            Self::Check => &["check"],
            Self::Clippy => &["clippy"],
            Self::Test => &["test"],
            Self::Bench => &["bench"],
            Self::Doc => &["doc"],
        }
    }

    /// Whether it runs programs of the workspace.
    #[must_use]
    pub fn runs(self) -> bool {
        matches!(self, Self::Test | Self::Bench)
    }
}

/// What Cargo is asked to build.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Build or check.
    pub command: CargoCommand,
    /// `--target` triples; empty: the host's. Never none, since only with an explicit target does
    /// Cargo keep host units apart.
    pub targets: Vec<String>,
    /// Cargo's own selection flags (`-p`, `--workspace`, `--features`, `--release`, ..), as given.
    pub flags: Vec<OsString>,
}
