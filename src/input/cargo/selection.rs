//! What to plan, in Cargo's words.

use crate::model::Triple;

/// Which of Cargo's commands the unit graph is asked of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// `cargo build`.
    #[default]
    Build,
    /// `cargo check`.
    Check,
}

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
    /// `--locked`, `--offline`, `--frozen`, as given.
    pub resolve_flags: Vec<String>,
}

impl Selection {
    /// The arguments that follow `cargo build`, but for `--target` and the manifest's path.
    #[must_use]
    pub fn build_args(&self) -> Vec<String> {
        let mut args = self.meaning();
        args.extend(self.resolve_args());
        args
    }

    /// `--locked` always (a plan must never change the lock), and what was given beside it.
    fn resolve_args(&self) -> Vec<String> {
        let mut args = vec!["--locked".to_owned()];
        args.extend(self.resolve_flags.iter().filter(|flag| *flag != "--locked").cloned());
        args
    }

    /// The part of the selection that changes what is planned: for the plan's header.
    #[must_use]
    pub fn meaning(&self) -> Vec<String> {
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
        args.extend(self.resolve_args());
        args
    }
}
