//! `rbn-plan man`: the manual pages.

use camino::Utf8PathBuf;
use clap::CommandFactory;
use clap_mangen::Man;
use miette::IntoDiagnostic as _;

use super::{Cli, CommandResult, Outcome, print};
use crate::emit::writer;

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write one page for the program and one for each command into this directory
    #[arg(short, long, value_name = "DIR")]
    output: Option<Utf8PathBuf>,
}

/// Prints the page of the program, or writes all of them.
pub fn run(args: &Args) -> CommandResult {
    let mut command = Cli::command();
    command.build();
    let Some(dir) = &args.output else { return print(&page(command)?) };
    let commands: Vec<clap::Command> = command.get_subcommands().cloned().collect();
    for sub in commands.into_iter().filter(|sub| sub.get_name() != "help") {
        let name = format!("rbn-plan-{}", sub.get_name());
        writer::write(&dir.join(format!("{name}.1")), &page(sub)?)?;
    }
    writer::write(&dir.join("rbn-plan.1"), &page(command)?)?;
    Ok(Outcome::Done)
}

fn page(command: clap::Command) -> miette::Result<String> {
    let mut text = Vec::new();
    // Without a date, so that the same program gives the same page.
    Man::new(command).date("").render(&mut text).into_diagnostic()?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
