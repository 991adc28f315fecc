//! `rbn-plan cache`: the compile cache's daemon.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Subcommand, ValueEnum};
use miette::{Diagnostic as _, IntoDiagnostic as _};

use super::select::{SelectArgs, workspace_root};
use super::{CommandResult, Outcome, out, print, print_exact, print_json};
use crate::cache::{self, CacheError, Serve, Setup, Started, Stats};
use crate::config::{self, Environment, Machine, Overrides};
use crate::files::reader;
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
    #[command(flatten)]
    settings: Settings,
}

/// Which configuration says what the compile cache is.
#[derive(Debug, clap::Args)]
struct Settings {
    /// The configuration file [default: rbn-plan.toml beside Cargo.lock, else config.toml there]
    // Nothing of Cargo's is started here: the older name goes on.
    #[arg(long = "config-file", alias = "config", value_name = "FILE")]
    // Not `config`, which is Cargo's where a plan is made.
    settings: Option<Utf8PathBuf>,
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
        /// Let every build that sees the socket add to the cache: code in one build can then forge what
        /// others get [default: sccache.write of config.toml]
        #[arg(long)]
        write: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Stop the daemon; the cache stays
    Stop(Settings),
    /// Show hits, misses, and what the cache takes
    Stats {
        /// How to show them
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        #[command(flatten)]
        settings: Settings,
    },
    /// Copy the plan's steps and the planned checks that are here to a binary cache or another machine's
    /// store: only what is missing there
    Push(super::cache_push::PushArgs),
    /// Keep the plan's steps and the planned checks in a directory, for a CI system to store; what earlier
    /// plans left there goes
    Save(super::cache_push::DirArgs),
    /// Take the plan's steps and the planned checks out of such a directory
    Restore(super::cache_push::DirArgs),
    /// Print a systemd unit for the daemon
    Unit {
        /// Print that of the socket which goes with it
        #[arg(long)]
        socket: bool,
        /// The group whose members may reach it
        #[arg(long, default_value = BUILD_GROUP, requires = "socket")]
        group: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Be the daemon: sccache with the filter in front of it. `start` and the unit call this
    #[command(hide = true)]
    Serve {
        /// The sccache to run
        #[arg(long, value_name = "FILE")]
        program: Utf8PathBuf,
        /// Its own socket, in a directory that only this user enters
        #[arg(long, value_name = "SOCKET")]
        server: Utf8PathBuf,
        /// Who reaches standard input, a socket that listens, may add to the cache
        #[arg(long)]
        write: bool,
        /// Standard output is a socket, too, of those who may add
        #[arg(long)]
        writers: bool,
    },
    /// Become sccache itself, until the caller ends
    #[command(hide = true)]
    Server {
        /// The sccache to run
        program: Utf8PathBuf,
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
    // The daemon itself knows what it was told, and reads no configuration.
    match &args.action {
        Action::Serve { program, server, write, writers } => {
            let (program, server) = (program.clone(), server.clone());
            let serve = Serve { program, server, writes: *write, writers: *writers };
            return Ok(plainly(cache::serve(&serve)));
        }
        Action::Server { program } => return Ok(plainly(cache::become_server(program))),
        Action::Push(args) => return super::cache_push::push(args),
        Action::Save(args) => return super::cache_push::save(args),
        Action::Restore(args) => return super::cache_push::restore(args),
        _ => {}
    }
    let own = match &args.action {
        Action::Start { settings, .. }
        | Action::Stop(settings)
        | Action::Stats { settings, .. }
        | Action::Unit { settings, .. } => settings.settings.as_deref(),
        _ => None,
    };
    let config = configured(own.or(args.settings.settings.as_deref()))?;
    let mut setup = Setup::new(&config)?;
    match &args.action {
        Action::Start { .. } if !config.enable.value => Err(miette::miette!(
            help = "set `enable = true` in [sccache], or leave it out",
            "the cache is turned off: `sccache.enable = false` ({})",
            config.enable.origin
        )),
        Action::Start { user, group, write, .. } => {
            setup.writes |= write;
            start(&setup, user.as_deref(), group.as_deref())
        }
        Action::Stop(_) => {
            let stopped = cache::stop(&setup)?;
            eprintln!("{}", if stopped { "stopped" } else { "no daemon was running" });
            Ok(Outcome::Done)
        }
        Action::Stats { format, .. } => {
            let stats = cache::statistics(&setup)?;
            match (format, &stats) {
                (Format::Json, Some(stats)) => print_json(&format!("{:#}\n", stats.json())),
                (Format::Json, None) => print_json(&format!("{:#}\n", Stats::none())),
                (Format::Text, Some(stats)) => print(&stats.text()),
                (Format::Text, None) => print(&format!(
                    "no daemon answers on {}:\n  steps are compiled without a cache; `rbn-plan cache start` starts it\n",
                    setup.socket
                )),
            }
        }
        Action::Unit { socket: true, group, .. } => print_exact(&cache::socket_unit(&setup, group)),
        Action::Unit { .. } => {
            cache::examine(&setup)?;
            let own = std::env::current_exe().into_diagnostic()?;
            let own = Utf8PathBuf::from_path_buf(own).unwrap_or_else(|_| "rbn-plan".into());
            print_exact(&cache::unit(&setup, &cache::find()?, &own))
        }
        Action::Serve { .. }
        | Action::Server { .. }
        | Action::Push(_)
        | Action::Save(_)
        | Action::Restore(_) => Ok(Outcome::Done),
    }
}

/// The daemon's errors go to a journal, or to `start`, which says them in its own frame.
fn plainly(result: Result<(), CacheError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done,
        Err(CacheError::Failed { said, .. }) => {
            eprintln!("{said}");
            Outcome::Different
        }
        Err(error) => {
            let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
            let help = error.help().map(|help| format!("; {help}"));
            eprintln!("{error}{}{}", source.unwrap_or_default(), help.unwrap_or_default());
            Outcome::Different
        }
    }
}

fn start(setup: &Setup, user: Option<&str>, group: Option<&str>) -> CommandResult {
    let program = cache::find()?;
    let is_root = rustix::process::geteuid().is_root();
    let known = |file: &str, name: &'static str| {
        let text = reader::text(file).unwrap_or_default();
        text.lines().any(|line| line.split(':').next() == Some(name)).then_some(name)
    };
    let user = user.or_else(|| is_root.then(|| known("/etc/passwd", USER)).flatten());
    let group = group.or_else(|| is_root.then(|| known("/etc/group", BUILD_GROUP)).flatten());
    let started = cache::start(setup, &program, user, group)?;
    let writes = match started {
        Started::Now => {
            eprintln!("started, on {}", setup.socket);
            setup.writes
        }
        Started::Before { writes } => {
            eprintln!("a daemon is running already, on {}", setup.socket);
            if writes != setup.writes {
                let other = if writes { "may add to it" } else { "may only read" };
                out::tell(&format!(
                    "warning: it was started so that builds {other}, and that stays until it is stopped \
                     (rbn-plan cache stop)"
                ));
            }
            writes
        }
    };
    if started == Started::Now && is_root && user.is_none() {
        out::tell(&format!(
            "warning: the daemon runs as root. Builds reach only a filter that lets it read and store \
             entries; still, give it a user of its own (useradd --system {USER}), who could do less."
        ));
    }
    if writes {
        out::tell(
            "Every build that sees it may add to the cache: code in one build (a build script, a proc macro) \
             can forge what any other build gets from it. Where that is too much, leave out --write and \
             `write` in config.toml.",
        );
    } else {
        out::tell(&format!(
            "Builds may read the cache. Those alone add to it that are shown {} in its place: show that to \
             builds whose code you trust with what all others get, or start with --write.",
            setup.writers
        ));
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
