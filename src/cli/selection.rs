//! The selection flags, in Cargo's words.

use crate::input::config::Overrides;

/// What to plan; each flag wins over the environment and config.toml.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Selection")]
pub struct SelectionFlags {
    /// Package to build (see `cargo help pkgid`).
    #[arg(short, long = "package", value_name = "SPEC", global = true)]
    pub packages: Vec<String>,
    /// Build all members of the workspace.
    #[arg(long, global = true)]
    pub workspace: bool,
    /// Features to switch on, between commas or white space.
    #[arg(short = 'F', long, value_name = "FEATURES", global = true)]
    pub features: Vec<String>,
    /// Switch on all features.
    #[arg(long, global = true)]
    pub all_features: bool,
    /// Leave the `default` feature off.
    #[arg(long, global = true)]
    pub no_default_features: bool,
    /// Cargo's profile.
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "release")]
    pub profile: Option<String>,
    /// The profile `release`.
    #[arg(short, long, global = true)]
    pub release: bool,
    /// Target triple to build for.
    #[arg(long = "target", value_name = "TRIPLE", global = true)]
    pub targets: Vec<String>,
    /// Nix's name of a build machine.
    #[arg(long = "system", value_name = "SYSTEM", global = true)]
    pub systems: Vec<String>,
}

impl SelectionFlags {
    /// The flags as a layer of the configuration.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        Overrides {
            targets: self.targets.clone(),
            systems: self.systems.clone(),
            profile: self.profile.clone(),
            release: self.release,
            packages: self.packages.clone(),
            workspace: self.workspace,
            features: self.features.clone(),
            all_features: self.all_features,
            no_default_features: self.no_default_features,
        }
    }
}
