//! `rbn-plan completions`: what a shell needs to complete the command line.

use clap_complete::Shell;

use super::{CommandResult, print_exact};

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions of `program`.
pub fn run(args: &Args, mut program: clap::Command) -> CommandResult {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut program, "rbn-plan", &mut text);
    print_exact(&String::from_utf8_lossy(&text))
}
