//! The selection flags, in Cargo's own words, shared by all commands that plan.

use camino::Utf8PathBuf;
use clap::ValueEnum;
use miette::IntoDiagnostic as _;

use crate::input::cargo::load::Options;
use crate::input::cargo::selection::Command;
use crate::input::cargo::{self, Selection, Workspace};
use crate::model::Triple;

/// Which of Cargo's commands is planned.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Mode {
    /// What `cargo build` would run
    #[default]
    Build,
    /// What `cargo check` would run
    Check,
}

/// What to plan.
#[derive(Debug, Default, clap::Args)]
pub struct SelectArgs {
    /// Plan what this Cargo command would run
    #[arg(long, value_enum, default_value_t, help_heading = "Selection")]
    mode: Mode,
    /// Package to plan (may be given several times)
    #[arg(short, long = "package", value_name = "SPEC", help_heading = "Selection")]
    package: Vec<String>,
    /// Plan all packages of the workspace
    #[arg(long, help_heading = "Selection")]
    workspace: bool,
    /// Leave a package out
    #[arg(long, value_name = "SPEC", help_heading = "Selection")]
    exclude: Vec<String>,
    /// Plan only the library
    #[arg(long, help_heading = "Selection")]
    lib: bool,
    /// Plan all binaries
    #[arg(long, help_heading = "Selection")]
    bins: bool,
    /// Plan only this binary
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    bin: Vec<String>,
    /// Plan all examples
    #[arg(long, help_heading = "Selection")]
    examples: bool,
    /// Plan only this example
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    example: Vec<String>,
    /// Plan everything that has tests, as test programs
    #[arg(long, help_heading = "Selection")]
    tests: bool,
    /// Plan only this integration test
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    test: Vec<String>,
    /// Plan all benchmarks
    #[arg(long, help_heading = "Selection")]
    benches: bool,
    /// Plan only this benchmark
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    bench: Vec<String>,
    /// Plan all build targets
    #[arg(long, help_heading = "Selection")]
    all_targets: bool,
    /// Features to enable, separated by commas or spaces
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = "Features")]
    features: Vec<String>,
    /// Enable all features
    #[arg(long, help_heading = "Features")]
    all_features: bool,
    /// Do not enable `default`
    #[arg(long, help_heading = "Features")]
    no_default_features: bool,
    /// The release profile (the default)
    #[arg(short, long, conflicts_with = "profile", help_heading = "Compilation")]
    release: bool,
    /// The profile [default: release]
    #[arg(long, value_name = "NAME", help_heading = "Compilation")]
    profile: Option<String>,
    /// The target triple (may be given several times) [default: build.target, else this machine]
    #[arg(long, value_name = "TRIPLE", value_parser = triple, help_heading = "Compilation")]
    target: Vec<Triple>,
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH", help_heading = "Manifest")]
    manifest_path: Option<Utf8PathBuf>,
    /// Change to this directory first
    #[arg(short = 'C', value_name = "DIR", help_heading = "Manifest")]
    directory: Option<Utf8PathBuf>,
    /// Nothing to add: a plan is always made from a lock that is up to date
    #[arg(long, help_heading = "Manifest")]
    locked: bool,
    /// Let Cargo use no network
    #[arg(long, help_heading = "Manifest")]
    offline: bool,
    /// As --locked --offline
    #[arg(long, help_heading = "Manifest")]
    frozen: bool,
}

fn triple(text: &str) -> Result<Triple, String> {
    Triple::new(text).map_err(|error| error.to_string())
}

impl SelectArgs {
    /// The selection.
    #[must_use]
    pub fn selection(&self) -> Selection {
        let mut build_targets = Vec::new();
        for (given, flag) in [
            (self.lib, "--lib"),
            (self.bins, "--bins"),
            (self.examples, "--examples"),
            (self.tests, "--tests"),
            (self.benches, "--benches"),
            (self.all_targets, "--all-targets"),
        ] {
            if given {
                build_targets.push(flag.to_owned());
            }
        }
        for (names, flag) in [
            (&self.bin, "--bin"),
            (&self.example, "--example"),
            (&self.test, "--test"),
            (&self.bench, "--bench"),
        ] {
            build_targets.extend(names.iter().map(|name| format!("{flag}={name}")));
        }
        let split = |text: &String| -> Vec<String> {
            text.split([',', ' ']).filter(|f| !f.is_empty()).map(str::to_owned).collect()
        };
        let offline = self.offline || self.frozen;
        Selection {
            command: match self.mode {
                Mode::Build => Command::Build,
                Mode::Check => Command::Check,
            },
            packages: self.package.clone(),
            workspace: self.workspace,
            exclude: self.exclude.clone(),
            build_targets,
            features: self.features.iter().flat_map(split).collect(),
            all_features: self.all_features,
            no_default_features: self.no_default_features,
            profile: self.profile.clone().unwrap_or_else(|| "release".to_owned()),
            targets: self.target.clone(),
            resolve_flags: if offline { vec!["--offline".to_owned()] } else { Vec::new() },
        }
    }

    /// Where Cargo runs and what is started.
    ///
    /// # Errors
    /// The current directory is gone or not Unicode.
    pub fn options(&self) -> miette::Result<Options> {
        let current = std::env::current_dir().into_diagnostic()?;
        let current = Utf8PathBuf::from_path_buf(current)
            .map_err(|path| miette::miette!("the directory {} is not Unicode", path.display()))?;
        let program = |variable: &str, name: &str| {
            std::env::var(variable)
                .ok()
                .filter(|v| !v.is_empty())
                .unwrap_or_else(|| name.to_owned())
        };
        Ok(Options {
            dir: self.directory.as_ref().map_or(current.clone(), |dir| current.join(dir)),
            manifest_path: self.manifest_path.clone(),
            cargo: program("CARGO", "cargo"),
            rustc: program("RUSTC", "rustc"),
        })
    }

    /// Reads the workspace.
    ///
    /// # Errors
    /// Whatever reading Cargo ran into.
    pub fn load(&self) -> miette::Result<Workspace> {
        Ok(cargo::load(&self.options()?, self.selection())?)
    }
}
