//! What a plan runs over what it compiles.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use camino::Utf8PathBuf;

use super::package::PackageKey;

/// Cargo's command that is a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Test programs, and tests in documentation.
    Test,
    /// Test programs that are instrumented, and what of the code they ran.
    Coverage,
    /// Benchmarks.
    Bench,
    /// clippy over the workspace's own packages.
    Clippy,
    /// Pages of documentation.
    Doc,
    /// rustfmt over the workspace's own packages.
    Fmt,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Test, Self::Coverage, Self::Bench, Self::Clippy, Self::Doc, Self::Fmt];

    /// Cargo's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Coverage => "coverage",
            Self::Bench => "bench",
            Self::Clippy => "clippy",
            Self::Doc => "doc",
            Self::Fmt => "fmt",
        }
    }

    /// What is done to a crate: to be measured, test programs are run like others.
    #[must_use]
    pub fn action(self) -> &'static str {
        match self {
            Self::Coverage => Self::Test.as_str(),
            other => other.as_str(),
        }
    }

    /// Whether it looks at code of the workspace's own packages alone.
    #[must_use]
    pub fn lints(self) -> bool {
        matches!(self, Self::Clippy | Self::Fmt)
    }

    /// Reads the word back.
    #[must_use]
    pub fn from_name(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.as_str() == word)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The checks of a plan: which, and within what limits. The steps that are checked follow from the
/// plan's roots; see [`Plan::checked`](super::Plan::checked).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    /// What is done.
    pub verb: Verb,
    /// The directory of the profile below Cargo's target directory: `debug`.
    pub directory: String,
    /// Arguments for each program, or for clippy.
    pub args: Vec<String>,
    /// Tests that are left out, by a part of their names.
    pub skip: Vec<String>,
    /// How often what failed is tried again.
    pub retries: u32,
    /// Seconds that one program may take; `None`: the usual ones.
    pub timeout: Option<u32>,
    /// Bytes of a program's output that are kept; `None`: the usual ones.
    pub output: Option<u64>,
    /// Files of the workspace that all test programs see.
    pub files: Vec<Utf8PathBuf>,
    /// Into how many parts the run of a test program is cut, by the step that compiles it.
    pub partitions: BTreeMap<String, u32>,
    /// Of coverage: the directory of `llvm-cov` and `llvm-profdata`, where that is not the toolchain's.
    pub llvm_tools: Option<String>,
    /// Of clippy and rustfmt: the packages that they look at, which are the workspace's own. A path package
    /// elsewhere is none, even below the workspace's root.
    pub members: BTreeSet<PackageKey>,
}

impl Checks {
    /// Checks without settings; `profile` is the profile that was asked for.
    #[must_use]
    pub fn new(verb: Verb, profile: &str) -> Self {
        // `get_dir_name` of Cargo's profiles.
        let directory = match profile {
            "dev" | "test" => "debug",
            "release" | "bench" => "release",
            other => other,
        };
        Self {
            verb,
            directory: directory.to_owned(),
            args: Vec::new(),
            skip: Vec::new(),
            retries: 0,
            timeout: None,
            output: None,
            files: Vec::new(),
            partitions: BTreeMap::new(),
            llvm_tools: None,
            members: BTreeSet::new(),
        }
    }
}
