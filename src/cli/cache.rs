//! `rbn-plan cache`: the compile cache's daemon.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Subcommand, ValueEnum};
use miette::IntoDiagnostic as _;

use super::select::{SelectArgs, workspace_root};
use super::{CommandResult, Outcome, print};
use crate::cache::{self, Setup, Started, Stats};
use crate::config::{self, Environment, Machine, Overrides};
use crate::model::Triple;
use crate::nix::System;

/// Nix's group of build users.
const BUILD_GROUP: &str = "nixbld";
/// The user that the systemd unit runs as; `start` takes it too where it is there.
const USER: &str = "rbn-sccache";

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    /// The configuration file [default: rbn-plan.toml beside Cargo.lock, else config.toml there]
    // Nothing of Cargo's is started here: the older name goes on.
    #[arg(long = "config-file", alias = "config", value_name = "FILE", global = true)]
    config: Option<Utf8PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Start the daemon, and say which line nix.conf needs
    Start {
        /// As root: run the daemon as this user [default: rbn-sccache, where there is one]
        #[arg(long)]
        user: Option<String>,
        /// Let this group's members reach it [default: nixbld for root, where there is one]
        #[arg(long)]
        group: Option<String>,
    },
    /// Stop the daemon; the cache stays
    Stop,
    /// Show hits, misses, and what the cache takes
    Stats {
        /// How to show them
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Print a systemd unit for the daemon
    Unit {
        /// The group whose members may reach it
        #[arg(long, default_value = BUILD_GROUP)]
        group: String,
    },
}

/// How figures are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON document
    Json,
}

/// Acts.
pub fn run(args: &Args) -> CommandResult {
    let config = configured(args.config.as_deref())?;
    let setup = Setup::new(&config)?;
    match &args.action {
        Action::Start { .. } if !config.enable.value => Err(miette::miette!(
            help = "set `enable = true` in [sccache], or leave it out",
            "the cache is turned off: `sccache.enable = false` ({})",
            config.enable.origin
        )),
        Action::Start { user, group } => start(&setup, user.as_deref(), group.as_deref()),
        Action::Stop => {
            let stopped = cache::stop(&setup)?;
            eprintln!("{}", if stopped { "stopped" } else { "no daemon was running" });
            Ok(Outcome::Done)
        }
        Action::Stats { format } => {
            let stats = cache::statistics(&setup)?;
            match (format, &stats) {
                (Format::Json, Some(stats)) => print(&format!("{:#}\n", stats.json())),
                (Format::Json, None) => print(&format!("{:#}\n", Stats::none())),
                (Format::Text, Some(stats)) => print(&stats.text()),
                (Format::Text, None) => print(&format!(
                    "no daemon answers on {}: steps are compiled without a cache (start it: rbn-plan cache start)\n",
                    setup.socket
                )),
            }
        }
        Action::Unit { group } => print(&cache::unit(&setup, &cache::find()?, group)),
    }
}

fn start(setup: &Setup, user: Option<&str>, group: Option<&str>) -> CommandResult {
    let program = cache::find()?;
    let is_root = rustix::process::geteuid().is_root();
    let known = |file: &str, name: &'static str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.lines().any(|line| line.split(':').next() == Some(name)).then_some(name)
    };
    let user = user.or_else(|| is_root.then(|| known("/etc/passwd", USER)).flatten());
    let group = group.or_else(|| is_root.then(|| known("/etc/group", BUILD_GROUP)).flatten());
    let started = cache::start(setup, &program, user, group)?;
    match started {
        Started::Now => eprintln!("started, on {}", setup.socket),
        Started::Before => eprintln!("a daemon is running already, on {}", setup.socket),
    }
    if started == Started::Now && is_root && user.is_none() {
        eprintln!(
            "warning: the daemon runs as root, and who reaches its socket can have it run programs. \
             Give it a user of its own (useradd --system {USER}) where builds are not all your own."
        );
    }
    eprintln!("builds see it if nix.conf has this line (nix-daemon reads it when it starts):");
    print(&format!("{}\n", setup.nix_conf(Some(&program))))
}

/// `[sccache]` of the configuration here; a machine without a compiler may run the daemon too.
pub(super) fn configured(file: Option<&Utf8Path>) -> miette::Result<config::Sccache> {
    let options = SelectArgs::default().options()?;
    let system = match std::env::consts::ARCH {
        "aarch64" => System::Aarch64Linux,
        _ => System::X8664Linux,
    };
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let machine = Machine { system, host: Triple::new(&triple).into_diagnostic()? };
    let environment = Environment::of_process();
    let root = workspace_root(&options);
    let flags = Overrides::default();
    let loaded = config::load(&root, file, &environment, &flags, &machine)?;
    Ok(loaded.config.sccache)
}
