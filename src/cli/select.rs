//! The selection flags, in Cargo's own words, shared by all commands that plan.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;
use miette::IntoDiagnostic as _;

use crate::input::cargo::load::Options;
use crate::input::cargo::probe::Rustc;
use crate::input::cargo::selection::Command;
use crate::input::cargo::{self, Answers, Machines, Selection, Shim, Workspace};
use crate::input::config::{self, Config, Environment, Loaded as ConfigLoaded, Machine, Overrides};
use crate::input::toolchain::pinned;
use crate::model::{Plan, Triple};
use crate::nix::System;
use crate::plan;

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
#[derive(Clone, Debug, Default, clap::Args)]
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
    /// A build machine, in Nix's words (may be given several times) [default: this machine]
    #[arg(long, value_name = "SYSTEM", help_heading = "Compilation")]
    system: Vec<String>,
    /// The configuration file [default: config.toml beside Cargo.lock]
    #[arg(long, value_name = "FILE", help_heading = "Manifest")]
    config: Option<Utf8PathBuf>,
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

/// A workspace with its configuration.
pub struct Loaded {
    /// What was read of Cargo.
    pub workspace: Workspace,
    /// The effective configuration.
    pub config: Config,
}

impl SelectArgs {
    /// The flags that config.toml knows too, as its strongest layer.
    fn overrides(&self) -> Overrides {
        Overrides {
            targets: self.target.iter().map(ToString::to_string).collect(),
            systems: self.system.clone(),
            profile: self.profile.clone(),
            release: self.release,
            packages: self.package.clone(),
            workspace: self.workspace,
            features: self.features.clone(),
            all_features: self.all_features,
            no_default_features: self.no_default_features,
        }
    }

    /// The configuration's selection, with what only flags can say.
    fn selection(&self, config: &Config) -> Selection {
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
        let offline = self.offline || self.frozen;
        Selection {
            command: match self.mode {
                Mode::Build => Command::Build,
                Mode::Check => Command::Check,
            },
            exclude: self.exclude.clone(),
            build_targets,
            resolve_flags: if offline { vec!["--offline".to_owned()] } else { Vec::new() },
            ..config.build.selection()
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
        Ok(Options {
            dir: self.directory.as_ref().map_or(current.clone(), |dir| current.join(dir)),
            manifest_path: self.manifest_path.clone(),
            cargo: program("CARGO", "cargo"),
            rustc: program("RUSTC", "rustc"),
            answers: Answers::of_user(),
        })
    }

    /// The effective configuration.
    ///
    /// # Errors
    /// What is wrong in `config.toml`, the environment or the flags.
    pub fn config(&self, options: &Options, rustc: &Rustc) -> miette::Result<ConfigLoaded> {
        let system = System::of_triple(rustc.host.as_str()).unwrap_or(System::X8664Linux);
        let machine = Machine { system, host: rustc.host.clone() };
        let root = workspace_root(options);
        let environment = Environment::of_process();
        let file = self.config.as_deref();
        Ok(config::load(&root, file, &environment, &self.overrides(), &machine)?)
    }

    /// Reads the workspace and its configuration for one build machine: this one, or the first that
    /// is asked for; notices go to stderr.
    ///
    /// # Errors
    /// Whatever reading ran into.
    pub fn load(&self) -> miette::Result<Loaded> {
        let (mut workspaces, config) = self.read(false)?;
        Ok(Loaded { workspace: workspaces.remove(0), config })
    }

    /// Reads and plans for one build machine, as [`Self::load`]; overrides that match nothing are
    /// reported on stderr.
    ///
    /// # Errors
    /// Whatever reading or planning ran into.
    pub fn plan(&self) -> miette::Result<(Plan, Config)> {
        let (plan, loaded) = self.plan_of_workspace()?;
        Ok((plan, loaded.config))
    }

    /// As [`Self::plan`], with the workspace that was planned.
    ///
    /// # Errors
    /// Whatever reading or planning ran into.
    pub fn plan_of_workspace(&self) -> miette::Result<(Plan, Loaded)> {
        let (mut workspaces, config) = self.read(false)?;
        let plan = lower(&workspaces, &config)?.remove(0);
        Ok((plan, Loaded { workspace: workspaces.remove(0), config }))
    }

    /// Reads and plans for every build machine that is asked for.
    ///
    /// # Errors
    /// Whatever reading or planning ran into.
    pub fn plans(&self) -> miette::Result<(Vec<Plan>, Config)> {
        let (workspaces, config) = self.read(true)?;
        Ok((lower(&workspaces, &config)?, config))
    }

    /// The workspace on every machine that is asked for, or on one of them.
    fn read(&self, all: bool) -> miette::Result<(Vec<Workspace>, Config)> {
        let options = self.options()?;
        let rustc = options.compiler()?;
        let loaded = self.config(&options, &rustc)?;
        for notice in &loaded.notices {
            eprintln!("note: {}: {}", notice.key, notice.message);
        }
        let selection = self.selection(&loaded.config);
        let mut hosts = hosts(&loaded.config.build.systems.value, &rustc.host)?;
        if !all {
            let own = hosts.iter().position(|host| *host == rustc.host).unwrap_or(0);
            hosts = vec![hosts.swap_remove(own)];
        }
        let program = std::env::current_exe().into_diagnostic()?;
        let shim = Utf8PathBuf::from_path_buf(program).ok();
        let shim = shim.map(|program| Shim::new(program, options.answers.clone()));
        let machines = Machines { hosts, shim };
        let workspaces = cargo::load_on(&options, &rustc, selection, &machines)?;
        Ok((workspaces, loaded.config))
    }

    /// The workspace root and the configuration, without asking Cargo.
    ///
    /// # Errors
    /// What is wrong in `config.toml`, the environment or the flags.
    pub fn place(&self) -> miette::Result<(Utf8PathBuf, Config)> {
        let options = self.options()?;
        let rustc = options.compiler()?;
        let loaded = self.config(&options, &rustc)?;
        Ok((workspace_root(&options), loaded.config))
    }

    /// The same selection, with Cargo kept from the network.
    #[must_use]
    pub fn without_network(&self) -> Self {
        Self { offline: true, ..self.clone() }
    }

    /// The flags again, as they would be typed.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        if matches!(self.mode, Mode::Check) {
            flags.push("--mode=check".to_owned());
        }
        let mut texts = |flag: &str, values: Vec<String>| {
            flags.extend(values.into_iter().map(|value| format!("{flag}={value}")));
        };
        let one = |value: &Option<Utf8PathBuf>| value.iter().map(ToString::to_string).collect();
        texts("--package", self.package.clone());
        texts("--exclude", self.exclude.clone());
        texts("--bin", self.bin.clone());
        texts("--example", self.example.clone());
        texts("--test", self.test.clone());
        texts("--bench", self.bench.clone());
        texts("--features", self.features.clone());
        texts("--profile", self.profile.iter().cloned().collect());
        texts("--target", self.target.iter().map(ToString::to_string).collect());
        texts("--system", self.system.clone());
        texts("--config", one(&self.config));
        texts("--manifest-path", one(&self.manifest_path));
        for (given, flag) in [
            (self.workspace, "--workspace"),
            (self.lib, "--lib"),
            (self.bins, "--bins"),
            (self.examples, "--examples"),
            (self.tests, "--tests"),
            (self.benches, "--benches"),
            (self.all_targets, "--all-targets"),
            (self.all_features, "--all-features"),
            (self.no_default_features, "--no-default-features"),
            (self.release, "--release"),
        ] {
            if given {
                flags.push(flag.to_owned());
            }
        }
        if let Some(directory) = &self.directory {
            flags.extend(["-C".to_owned(), directory.to_string()]);
        }
        flags
    }
}

/// The triples of build machines, each once, in the order of their names; `own` as rustc calls it.
fn hosts(systems: &[System], own: &Triple) -> miette::Result<Vec<Triple>> {
    let system = System::of_triple(own.as_str());
    let of = |asked: &System| match system {
        Some(system) if system == *asked => Ok(own.clone()),
        _ => Triple::new(asked.triple()).into_diagnostic(),
    };
    let systems: BTreeSet<&System> = systems.iter().collect();
    systems.into_iter().map(of).collect()
}

fn lower(workspaces: &[Workspace], config: &Config) -> miette::Result<Vec<Plan>> {
    let mut plans = Vec::new();
    let mut unused: Option<Vec<&config::Override>> = None;
    let pinned = match workspaces.first() {
        Some(workspace) => {
            let toolchain = &config.toolchain;
            let flake = workspace.root.join(config.nix.root.value.as_path());
            pinned::load(&toolchain.value, &toolchain.origin, &flake)?
        }
        None => pinned::Pinned::default(),
    };
    if let Some(warning) = &pinned.warning {
        eprintln!("warning: {warning}");
    }
    for workspace in workspaces {
        let mut plan = plan::lower(workspace)?;
        let here = plan::configure(&mut plan, config);
        // One that matches on any machine is of use.
        unused = Some(match unused {
            None => here,
            Some(before) => {
                let too = |one: &&config::Override| here.iter().any(|h| std::ptr::eq(*h, *one));
                before.into_iter().filter(too).collect()
            }
        });
        plan.toolchain = pinned.pin.clone();
        plans.push(plan);
    }
    for unused in unused.unwrap_or_default() {
        eprintln!("warning: {} matches no step: [override.{}]", unused.origin, unused.package);
    }
    Ok(plans)
}

/// A program that an environment variable may name.
pub fn program(variable: &str, name: &str) -> String {
    std::env::var(variable).ok().filter(|v| !v.is_empty()).unwrap_or_else(|| name.to_owned())
}

/// The directory that config.toml is looked for in, without asking Cargo: upwards, the nearest one
/// with a Cargo.lock; without any, the nearest whose manifest has a workspace.
pub fn workspace_root(options: &Options) -> Utf8PathBuf {
    let start = match &options.manifest_path {
        Some(path) => options.dir.join(path).parent().map(Utf8Path::to_owned),
        None => None,
    };
    let start = start.unwrap_or_else(|| options.dir.clone());
    let locked = start.ancestors().find(|dir| dir.join("Cargo.lock").is_file());
    let has_workspace = |dir: &&Utf8Path| {
        let manifest = std::fs::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.trim_start().starts_with("[workspace"))
    };
    let root = locked.or_else(|| start.ancestors().find(has_workspace));
    root.map_or(start.clone(), Utf8Path::to_owned)
}
