//! Where a selection's workspace is, what is started there, and its configuration.

use camino::{Utf8Path, Utf8PathBuf};
use miette::IntoDiagnostic as _;

use super::SelectArgs;
use crate::cargo::Options;
use crate::cargo::probe::Rustc;
use crate::cargo::untrusted::{self, Refused};
use crate::cargo::{Answers, CargoError, files, tree_files};
use crate::cli::machine::this_machine;
use crate::config::{
    self, Config, Environment, FILE_VARIABLE, Loaded, Machine, Toolchain, UNTRUSTED_VARIABLE,
};
use crate::files::reader;
use crate::nix::System;

impl SelectArgs {
    /// Where Cargo runs and what is started.
    ///
    /// # Errors
    /// The current directory is gone or not Unicode, or there is no directory that -C names.
    pub fn options(&self) -> miette::Result<Options> {
        let current = std::env::current_dir().into_diagnostic()?;
        let current = Utf8PathBuf::from_path_buf(current)
            .map_err(|path| miette::miette!("the directory {} is not Unicode", path.display()))?;
        let dir = self.directory.as_ref().map_or(current.clone(), |dir| current.join(dir));
        // A program that is started there would be blamed for not being installed.
        if !dir.is_dir() {
            return Err(miette::miette!("there is no directory {dir}, which -C names"));
        }
        // A plan that is there says by itself where its workspace is; Cargo would not be asked for this one.
        if let Some(path) = self.manifest_path.as_ref().filter(|path| !dir.join(path).is_file()) {
            let help = match dir.join(path).join("Cargo.toml").is_file() {
                true => format!("name the file: --manifest-path {}", path.join("Cargo.toml")),
                false => "name the Cargo.toml of a package or a workspace".to_owned(),
            };
            return Err(miette::miette!(help = help, "--manifest-path names no file: {path}"));
        }
        tree_files::check(&dir, self.manifest_path.as_deref()).map_err(CargoError::from)?;
        let untrusted = self.is_untrusted().then(|| untrusted::look(&dir)).transpose()?;
        Ok(Options {
            untrusted,
            dir,
            manifest_path: self.manifest_path.clone(),
            cargo: program("CARGO", "cargo"),
            rustc: program("RUSTC", "rustc"),
            answers: Answers::of_user(),
            root: None,
        })
    }

    /// The effective configuration.
    ///
    /// # Errors
    /// What is wrong in `config.toml`, the environment or the flags.
    pub fn config(&self, options: &Options, rustc: &Rustc) -> miette::Result<Loaded> {
        self.config_on(options, &machine(rustc))
    }

    /// Whether nothing that the tree names may be executed.
    pub(in crate::cli) fn is_untrusted(&self) -> bool {
        let said = std::env::var_os(UNTRUSTED_VARIABLE);
        self.untrusted || said.is_some_and(|said| !said.is_empty() && said != "0")
    }

    /// Whether the configuration names no program for a tree that is not trusted.
    pub(super) fn allows(&self, config: &Config) -> miette::Result<()> {
        match &config.toolchain.value {
            Toolchain::Store { rustc, .. } if self.is_untrusted() => {
                let file = config.file.as_deref().unwrap_or("config.toml".into());
                let what = format!("{} would be asked for its version", rustc.value);
                Err(Refused::one(file, "toolchain.rustc", &what).into())
            }
            _ => Ok(()),
        }
    }

    /// The same flags for a command that is typed in the current directory.
    #[must_use]
    pub fn seen_from_here(&self) -> Self {
        let seen = |path: &Utf8PathBuf| from_here(path).unwrap_or_else(|| path.clone());
        let mut flags = self.clone();
        flags.directory = self.directory.as_ref().map(seen).filter(|dir| !dir.as_str().is_empty());
        flags
    }

    /// The configuration file that is named, if one is.
    pub(in crate::cli) fn config_file(&self) -> Option<Utf8PathBuf> {
        let named = || Environment::of_process().get(FILE_VARIABLE).map(Utf8PathBuf::from);
        self.file.clone().or_else(named)
    }

    pub(super) fn config_on(&self, options: &Options, machine: &Machine) -> miette::Result<Loaded> {
        let root = workspace_root(options);
        let own = self.config.iter().find(|value| config::is_ours(&options.dir.join(value)));
        if let Some(own) = own {
            let help = format!(
                "`--config-file {own}` names it; `--config` is Cargo's own flag, for Cargo's own settings"
            );
            return Err(miette::miette!(help = help, "{own} is a configuration of rbn-plan's"));
        }
        let environment = Environment::of_process();
        let file = self.file.as_deref();
        Ok(config::load(&root, file, &environment, &self.overrides(), machine)?)
    }

    /// The workspace root and the configuration, without asking Cargo or rustc.
    ///
    /// # Errors
    /// What is wrong in `config.toml`, the environment or the flags.
    pub fn place(&self) -> miette::Result<(Utf8PathBuf, Config)> {
        let options = self.options()?;
        let loaded = self.config_on(&options, &this_machine()?)?;
        self.allows(&loaded.config)?;
        Ok((workspace_root(&options), loaded.config))
    }
}

/// A path from the current directory, as [`from`] has it.
pub fn from_here(path: &Utf8Path) -> Option<Utf8PathBuf> {
    from(&Utf8PathBuf::from_path_buf(std::env::current_dir().ok()?).ok()?, path)
}

/// A path from a directory: below it, or in the tree that it is in.
pub fn from(here: &Utf8Path, path: &Utf8Path) -> Option<Utf8PathBuf> {
    // Of elsewhere the whole path says more than the way there.
    let shared = path.ancestors().find(|dir| here.starts_with(dir))?;
    let below_root = shared.parent().is_some();
    (below_root && path.is_absolute()).then(|| files::relative(here, path))
}

/// The machine that `rustc` runs on.
pub(super) fn machine(rustc: &Rustc) -> Machine {
    let system = System::of_triple(rustc.host.as_str()).unwrap_or(System::X8664Linux);
    Machine { system, host: rustc.host.clone() }
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
        let manifest = reader::text(dir.join("Cargo.toml")).unwrap_or_default();
        manifest.lines().any(|line| line.trim_start().starts_with("[workspace"))
    };
    let root = locked.or_else(|| start.ancestors().find(has_workspace));
    root.map_or(start.clone(), Utf8Path::to_owned)
}
