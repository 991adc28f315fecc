//! What to plan, in Cargo's words.

use camino::{Utf8Path, Utf8PathBuf};

use super::paths;
use crate::model::{Triple, Verb};

/// Which of Cargo's commands the unit graph is asked of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// `cargo build`.
    #[default]
    Build,
    /// `cargo check`.
    Check,
    /// `cargo test`: test programs, examples, doctests.
    Test,
    /// `cargo test` of instrumented programs: what of the members' code they run.
    Coverage,
    /// `cargo bench`.
    Bench,
    /// `cargo clippy`: what `cargo check` would run, and clippy over the members.
    Clippy,
    /// `cargo doc`.
    Doc,
    /// `cargo fmt --check`: rustfmt over the members.
    Fmt,
}

impl From<Verb> for Command {
    fn from(verb: Verb) -> Self {
        match verb {
            Verb::Test => Self::Test,
            Verb::Coverage => Self::Coverage,
            Verb::Bench => Self::Bench,
            Verb::Clippy => Self::Clippy,
            Verb::Doc => Self::Doc,
            Verb::Fmt => Self::Fmt,
        }
    }
}

impl Command {
    /// Cargo's command whose unit graph it is: clippy's is that of `check`, and so is rustfmt's.
    #[must_use]
    pub fn of_cargo(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Check | Self::Clippy | Self::Fmt => "check",
            Self::Test | Self::Coverage => "test",
            Self::Bench => "bench",
            Self::Doc => "doc",
        }
    }

    /// The user's word for it.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::Clippy => "clippy",
            Self::Fmt => "fmt",
            other => other.of_cargo(),
        }
    }

    /// The flag that plans it; none for `build`, which is the usual one.
    #[must_use]
    pub fn flag(self) -> Option<&'static str> {
        match self {
            Self::Build => None,
            Self::Check => Some("--mode=check"),
            Self::Test => Some("--mode=test"),
            Self::Coverage => Some("--mode=coverage"),
            Self::Bench => Some("--mode=bench"),
            Self::Clippy => Some("--mode=clippy"),
            Self::Doc => Some("--mode=doc"),
            Self::Fmt => Some("--mode=fmt"),
        }
    }

    /// The profile that Cargo's command has where none is named; `None` where ours decides.
    #[must_use]
    pub fn usual_profile(self) -> Option<&'static str> {
        match self {
            Self::Build | Self::Check => None,
            Self::Test | Self::Coverage => Some("test"),
            Self::Bench => Some("bench"),
            Self::Clippy | Self::Doc | Self::Fmt => Some("dev"),
        }
    }
}

/// The flag that lets a compiler be older than a package wants; `cargo metadata` has it not.
pub const IGNORE_RUST_VERSION: &str = "--ignore-rust-version";

/// The selection of packages, build targets, features, profile and targets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Which command.
    pub command: Command,
    /// `-p`, in order.
    pub packages: Vec<String>,
    /// `--workspace`.
    pub workspace: bool,
    /// `--exclude`.
    pub exclude: Vec<String>,
    /// Flags that pick build targets, as Cargo spells them: `--lib`, `--bin=x`, `--all-targets`.
    pub build_targets: Vec<String>,
    /// `--features`, split.
    pub features: Vec<String>,
    /// `--all-features`.
    pub all_features: bool,
    /// `--no-default-features`.
    pub no_default_features: bool,
    /// `--profile`.
    pub profile: String,
    /// `--target`; never empty once loaded.
    pub targets: Vec<Triple>,
    /// `--locked`, `--offline`, `--frozen`, `--ignore-rust-version`, as given.
    pub resolve_flags: Vec<String>,
    /// `--config=..` and `-Z..`, as given: they decide about everything that Cargo does.
    pub cargo_flags: Vec<String>,
    /// `--config=..` for what of the configuration only planning must not see.
    pub hidden: Vec<String>,
    /// Variables that only planning must not see, for the same reason.
    pub hidden_variables: Vec<String>,
    /// What of all this config.toml does not say, as flags.
    pub given: Vec<String>,
    /// The directory, from the workspace root, of the package that Cargo takes because nothing
    /// names one; set once loaded, and only where it is not the root.
    pub member: Option<Utf8PathBuf>,
}

impl Selection {
    /// The arguments that follow `cargo build`, but for `--target` and the manifest's path.
    #[must_use]
    pub fn build_args(&self) -> Vec<String> {
        let mut args = self.cargo_args();
        args.extend(self.resolve_args());
        args
    }

    /// Those that follow where the unit graph is asked for, which takes what is not stable.
    #[must_use]
    pub fn graph_args(&self) -> Vec<String> {
        let mut args = self.build_args();
        args.extend(self.hidden.iter().cloned());
        args
    }

    /// `--locked` always (a plan must never change the lock), and what was given beside it.
    fn resolve_args(&self) -> Vec<String> {
        let mut args = vec!["--locked".to_owned()];
        args.extend(self.resolve_flags.iter().filter(|flag| *flag != "--locked").cloned());
        args
    }

    /// The part of the selection that changes what is planned: for the plan's header, which has
    /// lines of their own for targets and build machines. Files are named from `root`: others have the
    /// workspace elsewhere.
    #[must_use]
    pub fn meaning(&self, root: &Utf8Path) -> Vec<String> {
        let mut words = self.directory();
        words.extend(self.command.flag().map(str::to_owned));
        words.extend(self.cargo_args().into_iter().map(|flag| told_from(root, flag)));
        words
    }

    /// The flags that make this selection of what config.toml says: for the plan's header.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        let mut flags = self.directory();
        flags.extend(self.given.iter().cloned());
        flags
    }

    fn directory(&self) -> Vec<String> {
        self.member.iter().flat_map(|dir| ["-C".to_owned(), dir.to_string()]).collect()
    }

    /// The same in arguments of Cargo's.
    fn cargo_args(&self) -> Vec<String> {
        let mut args = Vec::new();
        for package in &self.packages {
            args.push(format!("--package={package}"));
        }
        if self.workspace {
            args.push("--workspace".to_owned());
        }
        for package in &self.exclude {
            args.push(format!("--exclude={package}"));
        }
        args.extend(self.build_targets.iter().cloned());
        if !self.features.is_empty() {
            args.push(format!("--features={}", self.features.join(",")));
        }
        if self.all_features {
            args.push("--all-features".to_owned());
        }
        if self.no_default_features {
            args.push("--no-default-features".to_owned());
        }
        args.push(format!("--profile={}", self.profile));
        args.extend(self.cargo_flags.iter().cloned());
        args
    }

    /// The arguments that follow `cargo metadata`: a superset of the packages of any selection.
    #[must_use]
    pub fn metadata_args(&self, hosts: &[Triple]) -> Vec<String> {
        let mut args = Vec::new();
        if self.all_features || !self.features.is_empty() {
            // `cargo metadata` knows no `-p`, so a feature of one package cannot be named there.
            args.push("--all-features".to_owned());
        }
        let mut platforms = self.targets.clone();
        platforms.extend(hosts.iter().cloned());
        platforms.sort();
        platforms.dedup();
        args.extend(platforms.iter().map(|triple| format!("--filter-platform={triple}")));
        let of_builds = |arg: &String| arg == IGNORE_RUST_VERSION;
        args.extend(self.resolve_args().into_iter().filter(|arg| !of_builds(arg)));
        args.extend(self.cargo_flags.iter().cloned());
        args
    }
}

/// A flag of Cargo's, where it names a file by the whole path: by that from `root`.
#[must_use]
pub fn told_from(root: &Utf8Path, flag: String) -> String {
    match flag.strip_prefix("--config=").map(Utf8Path::new) {
        Some(file) if file.is_absolute() && file.is_file() => {
            format!("--config={}", paths::relative(root, &paths::normal(file)))
        }
        _ => flag,
    }
}
