//! What can be known of a machine and a project.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;

use crate::toolchain::HostToolchain;

/// Everything that checks look at.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// What `nix --version` says; `None` if there is no Nix.
    pub nix: Option<String>,
    /// Nix's settings by name, as it prints them.
    pub settings: BTreeMap<String, String>,
    /// Whether the `nix` command works without a flag that allows it.
    pub nix_command: bool,
    /// Whether this is root.
    pub root: bool,
    /// Whether a Nix daemon listens.
    pub daemon: bool,
    /// How many processors this program may use.
    pub processors: Option<usize>,
    /// The groups of the machine, each with its number of members.
    pub groups: BTreeMap<String, usize>,
    /// Bytes free where the store is.
    pub free: Option<u64>,
    /// The machine's own toolchain, or why there is none.
    pub host: Option<Result<HostToolchain, String>>,
    /// Emulators that the kernel knows, and whether they work inside a sandbox (flag `F`).
    pub binfmt: BTreeMap<String, bool>,
    /// Emulators that are installed.
    pub emulators: BTreeSet<String>,
    /// What `sccache --version` says, or why it was not run.
    pub sccache: Option<String>,
    /// Its daemon.
    pub socket: Socket,
    /// Whether there is an `strace`.
    pub strace: bool,
    /// The project; `None` outside of one.
    pub project: Option<Project>,
}

/// The socket of the sccache daemon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Socket {
    /// Nobody wants one.
    #[default]
    Unwanted,
    /// There is nothing at that path.
    Absent(Utf8PathBuf),
    /// Nobody listens.
    Dead(Utf8PathBuf),
    /// Something listens, and says nothing.
    Hung(Utf8PathBuf),
    /// It is there for builds, and not for this user.
    Closed(Utf8PathBuf),
    /// An sccache without a filter listens.
    Bare(Utf8PathBuf),
    /// The daemon answers builds, which may only read the cache.
    Alive(Utf8PathBuf),
    /// The daemon answers builds, and every build that sees it may add to the cache.
    Open(Utf8PathBuf),
}

/// What concerns the project in this directory.
#[derive(Clone, Debug)]
pub struct Project {
    /// Whether there is a config.toml.
    pub has_config: bool,
    /// Why config.toml cannot be used.
    pub config_error: Option<String>,
    /// Whether the machine's own toolchain builds it.
    pub host_toolchain: bool,
    /// What the flake's toolchain, where config.toml names that, needs and has not: what is so, and
    /// the cure.
    pub lacks: Option<(String, String)>,
    /// The targets that `rbn-plan build` builds for on this machine.
    pub targets: BTreeSet<String>,
    /// The other targets of the plan: of other machines, or for who names them.
    pub other_targets: BTreeSet<String>,
    /// Whether there is a flake.nix.
    pub has_flake: bool,
    /// Where flake.nix and flake.lock disagree, with the cure of each; or why they cannot be read.
    pub drift: Drifts,
    /// The toolchain's file.
    pub toolchain_file: Utf8PathBuf,
    /// How it stands.
    pub toolchain: ToolchainState,
    /// Whether git would take it in, or has it already.
    pub toolchain_is_taken: bool,
    /// The plan's file.
    pub plan_file: Utf8PathBuf,
    /// How it stands.
    pub plan: PlanState,
}

/// Pairs of what is wrong and its cure, or why that cannot be told.
pub type Drifts = Result<Vec<(String, String)>, String>;

/// How the toolchain's file stands against this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ToolchainState {
    /// It was not looked at, or it is none of this machine's tools.
    #[default]
    Unknown,
    /// There is none.
    Absent,
    /// It was rendered for the compiler and the linker that are here.
    Current,
    /// It was rendered for others: what it names and this machine has not.
    Stale(Vec<String>),
    /// It names a toolchain that lies in the store whole.
    Store,
}

/// How the plan's file stands against a plan made now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PlanState {
    /// It was not looked at.
    #[default]
    Unknown,
    /// There is none; the command that makes it.
    Absent(String),
    /// It is what would be made now.
    Current,
    /// It is not; the command that makes it anew.
    Outdated(String),
    /// It was made of another selection, which its header says.
    OtherSelection(String),
    /// None can be made.
    Failed(String),
}
