//! What is known of a mode.

use camino::Utf8PathBuf;

/// x.py's word for how a workspace of the tree is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The compiler.
    Rustc,
    /// The standard library.
    Std,
    /// A tool that links the compiler.
    ToolRustcPrivate,
    /// A tool that is made for its target, and links nothing of the compiler.
    ToolTarget,
}

impl Kind {
    /// Its name in plans.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rustc => "rustc",
            Self::Std => "std",
            Self::ToolRustcPrivate => "tool-rustc",
            Self::ToolTarget => "tool-target",
        }
    }

    /// What keeps its crates from others'.
    #[must_use]
    pub fn kin(self) -> &'static str {
        match self {
            Self::Rustc | Self::ToolTarget => "",
            Self::Std => "std",
            Self::ToolRustcPrivate => "tool-rustc",
        }
    }

    /// The name of x.py's target directory for what is made for `stage`. Where the first compiler makes a tool for
    /// its target, that is the directory of x.py's own tools.
    ///
    /// Source: `stage_out` in `lib.rs` of x.py 1.96.
    #[must_use]
    pub fn directory(self, stage: u32) -> String {
        match self {
            Self::Rustc => format!("stage{stage}-rustc"),
            Self::Std => format!("stage{stage}-std"),
            Self::ToolTarget if stage == 1 => "bootstrap-tools".to_owned(),
            Self::ToolRustcPrivate | Self::ToolTarget => format!("stage{stage}-tools"),
        }
    }

    /// Whether it is a tool's.
    #[must_use]
    pub fn is_tool(self) -> bool {
        matches!(self, Self::ToolRustcPrivate | Self::ToolTarget)
    }

    /// Which of a setting's three values counts: the compiler's, the library's, the tools'.
    #[must_use]
    pub fn part(self) -> usize {
        match self {
            Self::Rustc => 0,
            Self::Std => 1,
            Self::ToolRustcPrivate | Self::ToolTarget => 2,
        }
    }

    /// Whether what it makes may be loaded later (`must_support_dlopen`).
    #[must_use]
    pub fn loads_late(self) -> bool {
        self == Self::Std
    }

    /// Whether its crates are unstable for those who use them, unless they say otherwise.
    #[must_use]
    pub fn is_unstable(self) -> bool {
        matches!(self, Self::Rustc | Self::Std)
    }
}

/// A workspace of the tree, with what is built of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// The name of its plan: `compiler`, `library`, `cargo`.
    pub plan: String,
    /// How it is built.
    pub kind: Kind,
    /// The manifest, from the root of the tree.
    pub manifest: Utf8PathBuf,
    /// Packages that are named; none: the manifest's own.
    pub packages: Vec<String>,
    /// Features.
    pub features: Vec<String>,
    /// The profile.
    pub profile: String,
    /// Whether x.py's lints for code of the tree count.
    pub in_tree: bool,
    /// Features of the language that it may use; nothing: all.
    pub allowed: Option<String>,
    /// The crate that links the standard library statically.
    pub static_std: &'static str,
    /// The programs that an installation has of it: the name that it is made by, and that it has there.
    pub installs: &'static [(&'static str, &'static str)],
}
