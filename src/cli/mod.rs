//! The command line: one file per command; nobody imports this room.

pub mod flake;
pub mod flake_json;
pub mod flake_text;
pub mod init;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Plan a Cargo workspace as one Nix derivation per compilation step.
#[derive(Debug, Parser)]
#[command(name = "rbn-plan", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the tree of flakes here: inputs, follows, systems, outputs, lock state
    Flake(flake::Args),
    /// Write config.toml and wire the flake here, keeping every byte that is there
    Init(init::Args),
}

/// How a command ended, as its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// What was asked for is done.
    Done,
    /// A check found a difference.
    Difference,
    /// Wrong usage or bad input.
    BadInput,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Done => Self::SUCCESS,
            ExitStatus::Difference => Self::from(1),
            ExitStatus::BadInput => Self::from(2),
        }
    }
}

/// Runs the command line given by `args` (program name first) and says how it ended.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing is left to say if the message itself cannot be printed.
            let _ = error.print();
            return if error.use_stderr() { ExitStatus::BadInput } else { ExitStatus::Done }.into();
        }
    };
    let ended = match cli.command {
        Command::Flake(args) => flake::run(&args),
        Command::Init(args) => init::run(&args),
    };
    match ended {
        Ok(status) => status.into(),
        Err(report) => {
            eprintln!("{report:?}");
            ExitStatus::BadInput.into()
        }
    }
}
