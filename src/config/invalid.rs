//! Why a single value is refused.

/// Why a value is refused, in words that follow the key's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not a target triple.
    #[error("`{0}` is not a target triple")]
    Triple(String),
    /// Nix's name of a system where a triple belongs.
    #[error("`{system}` is Nix's name of a system, not a target triple")]
    SystemForTriple {
        /// What was given.
        system: String,
        /// The triple that goes with it.
        triple: String,
    },
    /// A `cfg()` expression where a triple belongs.
    #[error("`{0}` is an expression, not a target triple")]
    CfgForTriple(String),
    /// Not a system.
    #[error("`{0}` is not a system that plans are made for")]
    System(String),
    /// Not a path in the Nix store.
    #[error("`{0}` is not a path in the Nix store")]
    StorePath(String),
    /// Not a path below the workspace root.
    #[error("`{0}` is not a relative path that stays inside the workspace")]
    RelativePath(String),
    /// A directory where a file belongs.
    #[error("`{0}` is a directory, and a file belongs here")]
    Directory(String),
    /// A file that is not there.
    #[error("there is no `{0}` in the workspace")]
    NoFile(String),
    /// Not an absolute path.
    #[error("`{0}` is not an absolute path")]
    AbsolutePath(String),
    /// A path that would be more than one word, or another one, where it is shown to other programs.
    #[error(
        "`{text}` has {character:?} in it, which means something in nix.conf or in a systemd unit"
    )]
    PlainPath {
        /// What was given.
        text: String,
        /// The first that is not plain.
        character: char,
    },
    /// Not what the noun says: the name of a package, of a feature, of a variable; a number of seconds.
    #[error("`{text}` is not {noun}")]
    Name {
        /// What was given.
        text: String,
        /// What it should be, with its article.
        noun: &'static str,
    },
    /// What a plan cannot have, with its reason and its cure.
    #[error("{reason}")]
    NoPlan {
        /// Why not.
        reason: String,
        /// What to do.
        cure: String,
    },
    /// None of a fixed set of words.
    #[error("`{text}` is none of {words}")]
    Word {
        /// What was given.
        text: String,
        /// The words.
        words: String,
        /// The nearest of them.
        near: Option<String>,
    },
    /// Not a version requirement.
    #[error("`{text}` is not a version requirement: {why}")]
    Requirement {
        /// What was given.
        text: String,
        /// The parser's own words.
        why: String,
    },
    /// Not a toolchain's version.
    #[error("`{0}` is neither a release, nor a date, nor `latest`")]
    ToolchainVersion(String),
    /// A version that the channel has not.
    #[error("`{version}` is not a version of the channel `{channel}`")]
    VersionOfChannel {
        /// What was given.
        version: String,
        /// The channel.
        channel: String,
    },
    /// Not a size.
    #[error("`{0}` is not a size")]
    Size(String),
    /// Not a flake reference.
    #[error("`{0}` is not a flake reference")]
    FlakeRef(String),
    /// Not a boolean, in an environment variable.
    #[error("`{0}` is neither `true` nor `false`")]
    Boolean(String),
    /// The same element twice.
    #[error("`{0}` is listed twice")]
    Twice(String),
    /// An empty list where at least one element is needed.
    #[error("the list is empty")]
    Empty,
    /// A NUL, which no argument or variable can hold.
    #[error("the value has a NUL in it")]
    Nul,
}

impl Invalid {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let text = match self {
            Self::Triple(_) => {
                "triples look like `aarch64-unknown-linux-gnu`; `rustc --print target-list` lists them"
            }
            Self::SystemForTriple { triple, .. } => return Some(format!("write `{triple}`")),
            Self::CfgForTriple(_) => {
                "name a triple here; `cfg()` tables belong into .cargo/config.toml, which is read too"
            }
            Self::System(_) => "systems are `x86_64-linux` and `aarch64-linux`",
            Self::StorePath(_) => {
                "write /nix/store/<hash>-<name>, or leave it out for the machine's own"
            }
            Self::Directory(_) => "name a file in it, such as `generated/steps.nix`",
            Self::RelativePath(_) => "write it relative to the workspace root, without `..`",
            Self::NoFile(_) => "write it relative to the workspace root, or take it away",
            Self::AbsolutePath(_) => "begin with `/`",
            Self::PlainPath { .. } => "use letters, digits, and `/`, `.`, `_`, `-`, `+`, `@`, `~`",
            Self::Name { .. } => return None,
            Self::NoPlan { cure, .. } => cure,
            Self::Word { near, .. } => {
                return near.as_ref().map(|near| format!("did you mean `{near}`?"));
            }
            Self::Requirement { .. } => "write it as in Cargo.toml: `1.2`, `=1.2.3`, `>=1, <3`",
            Self::ToolchainVersion(_) => "write `1.95.0`, `2026-01-31` or `latest`",
            Self::VersionOfChannel { .. } => {
                "releases are of `stable`; `beta` and `nightly` have days such as `2026-01-31`"
            }
            Self::Size(_) => {
                "write a number of bytes, or a number with K, M, G or T, such as `10G`"
            }
            Self::FlakeRef(_) => {
                "write a path, or a reference such as `github:owner/repository` or `git+https://...`"
            }
            Self::Boolean(_) => "write `true` or `false`",
            Self::Twice(_) => "take one of them away",
            Self::Empty => "name at least one, or take the key away",
            Self::Nul => "take it out",
        };
        Some(text.to_owned())
    }
}
