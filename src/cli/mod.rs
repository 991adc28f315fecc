//! The command line: one file per command; nobody imports this room.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::{Command as Process, ExitCode};

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Parser, Subcommand};

use crate::input::config::{Environment, Machine, load};
use crate::model::Triple;
use crate::nix::System;

pub mod config;
pub mod selection;

/// Plan a Cargo workspace as one Nix derivation per compilation step.
#[derive(Debug, Parser)]
#[command(name = "rbn-plan", version)]
struct Cli {
    /// The configuration file, instead of config.toml at the workspace root.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<Utf8PathBuf>,
    #[command(flatten)]
    selection: selection::SelectionFlags,
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Shows every effective value and where it came from.
    Config(config::Args),
}

/// Wrong usage or bad input.
const BAD_INPUT: u8 = 2;

/// Runs the command line given by `args` (program name first) and says how it ended.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed terminal is no reason to fail twice.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(BAD_INPUT) } else { ExitCode::SUCCESS };
        }
    };
    let Command::Config(args) = &cli.command;
    let page = args.run(|file| {
        let named = file.or(cli.config.as_deref());
        load(&root(), named, &Environment::of_process(), &cli.selection.overrides(), &machine())
    });
    match page {
        Ok(page) => match std::io::stdout().write_all(page.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: failed to write to standard output: {error}");
                ExitCode::from(BAD_INPUT)
            }
        },
        Err(error) => {
            eprintln!("{:?}", miette::Report::new(error));
            ExitCode::from(BAD_INPUT)
        }
    }
}

/// The workspace root around the current directory, by Cargo's word; the directory itself without one.
fn root() -> Utf8PathBuf {
    let located = Process::new("cargo")
        .args(["locate-project", "--workspace", "--message-format", "plain"])
        .output()
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok());
    located
        .and_then(|manifest| Utf8Path::new(manifest.trim_end()).parent().map(Utf8Path::to_owned))
        .unwrap_or_else(|| Utf8PathBuf::from("."))
}

/// This machine, with the usual triple of its system.
fn machine() -> Machine {
    let system = match std::env::consts::ARCH {
        "aarch64" => System::Aarch64Linux,
        _ => System::X8664Linux,
    };
    Machine { system, host: Triple::new(system.triple()).expect("a system's triple is a triple") }
}
