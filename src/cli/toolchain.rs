//! `rbn-plan toolchain`: what plans are built with.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Subcommand, ValueHint};
use miette::IntoDiagnostic as _;

use super::select::{SelectArgs, program};
use super::{CommandResult, Outcome, print_exact};
use crate::cargo::Options;
use crate::cargo::settings::{self, Asked};
use crate::cargo::{home, metadata, process, registry};
use crate::config::{Config, Toolchain};
use crate::files::reader;
use crate::files::writer;
use crate::model::Triple;
use crate::toolchain::provider;
use crate::toolchain::{HostError, HostToolchain, host};

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    provider: Provider,
}

#[derive(Debug, Subcommand)]
enum Provider {
    /// This machine's own rustc, C compiler and shell, through sandbox paths
    Host {
        /// Write to this file, whole or not at all
        #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        output: Option<Utf8PathBuf>,
    },
    /// A copy of this machine's rustc, C compiler, C library and shell in Nix's store, which needs nothing of
    /// the machine
    Store(super::toolchain_store::Args),
    /// A function of nixpkgs' package set, with its rustc or one of rust-overlay or fenix
    Nixpkgs {
        /// Write to this file, whole or not at all
        #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        output: Option<Utf8PathBuf>,
    },
}

/// The registries of the workspace at `dir`, by their folders in Cargo's home. Where a lock names none
/// but the default one, nothing needs to be asked.
fn registries(cargo: &str, dir: &Utf8Path) -> BTreeMap<String, String> {
    let mut locks = dir.ancestors().map(|dir| dir.join("Cargo.lock"));
    let lock = locks.find_map(|lock| reader::text(lock).ok()).unwrap_or_default();
    let sources = lock.lines().filter_map(|line| line.trim().strip_prefix("source = \""));
    let mut sources = sources.map(|source| source.trim_end_matches('"'));
    let is_other = |source: &str| !source.starts_with("git+") && !registry::is_default(source);
    if !sources.any(is_other) {
        return BTreeMap::new();
    }
    let named = settings::open(&Asked { cargo, dir, flags: &[] });
    let named = named.map(|reader| reader.registries()).unwrap_or_default();
    let ask = |offline: bool| {
        let mut command = process::without_compiler(cargo, dir);
        command.args(["metadata", "--format-version=1", "--locked"]);
        command.args(offline.then_some("--offline"));
        process::output(command).and_then(|json| metadata::parse(&json))
    };
    // Cargo may not have fetched yet.
    match ask(true).or_else(|_| ask(false)) {
        Ok(metadata) => registry::folders(&metadata, &home().unwrap_or_default(), &named),
        Err(error) => {
            eprintln!(
                "warning: where the crates of other registries come from is not known: {error}"
            );
            BTreeMap::new()
        }
    }
}

/// Renders a provider.
pub fn run(args: &Args) -> CommandResult {
    let (text, output) = match &args.provider {
        Provider::Host { output } => (host_text(&SelectArgs::default())?, output),
        Provider::Store(args) => {
            let host = whole_host(&SelectArgs::default())?;
            (super::toolchain_store::text(args, &host)?, &args.output)
        }
        Provider::Nixpkgs { output } => (provider::render_nixpkgs().into_diagnostic()?, output),
    };
    match output {
        Some(path) => {
            writer::write_generated(path, &text)?;
            Ok(Outcome::Done)
        }
        None => print_exact(&text),
    }
}

/// The host provider, with the compiler and the registries of the workspace that `select` leads to.
///
/// # Errors
/// What is missing on this machine or does not answer.
pub fn host_text(select: &SelectArgs) -> miette::Result<String> {
    provider::render_host(&whole_host(select)?).into_diagnostic()
}

/// The machine's toolchain with where crates come from.
///
/// # Errors
/// What is missing on this machine or does not answer.
pub fn whole_host(select: &SelectArgs) -> miette::Result<HostToolchain> {
    let options = select.options()?;
    let (_, config) = select.place()?;
    let mut tools = host_toolchain(&options.dir, Some(&config))?;
    // Where Cargo has never fetched, its home does not know yet where crates come from.
    if tools.registries.is_empty() && fetch(&options) {
        tools = host_toolchain(&options.dir, Some(&config))?;
    }
    Ok(tools)
}

/// Lets Cargo fetch what the workspace here has locked; says so if that does not work.
fn fetch(options: &Options) -> bool {
    if !options.dir.ancestors().any(|dir| dir.join("Cargo.lock").is_file()) {
        return false;
    }
    let mut command = options.command();
    command.args(["fetch", "--locked"]);
    match process::output(command) {
        Ok(_) => true,
        Err(error) => {
            eprintln!("warning: where crates come from is not known yet: {error}");
            false
        }
    }
}

/// The machine's own toolchain as seen from `dir`: with the compiler that `config` names where it
/// names one, and the registries that Cargo's configuration names.
///
/// # Errors
/// What is missing or does not answer.
pub fn host_toolchain(dir: &Utf8Path, config: Option<&Config>) -> Result<HostToolchain, HostError> {
    host_toolchain_with(dir, config, &BTreeSet::new())
}

/// The same with the tools of `foreign` targets, whose standard library is still to be made.
///
/// # Errors
/// What is missing or does not answer.
pub fn host_toolchain_with(
    dir: &Utf8Path,
    config: Option<&Config>,
    foreign: &BTreeSet<Triple>,
) -> Result<HostToolchain, HostError> {
    let (rustc, cargo) = match config.map(|config| &config.toolchain.value) {
        Some(Toolchain::Store { rustc, cargo }) => {
            let cargo = cargo.as_ref().map(|cargo| cargo.value.program("cargo"));
            (rustc.value.program("rustc"), cargo.unwrap_or_else(|| "cargo".to_owned()))
        }
        _ => ("rustc".to_owned(), "cargo".to_owned()),
    };
    let cargo = program("CARGO", &cargo);
    host::probe(
        dir,
        &program("RUSTC", &rustc),
        &cargo,
        &home().unwrap_or_default(),
        &registries(&cargo, dir),
        foreign,
    )
}
