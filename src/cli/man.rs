//! `rbn-plan man`: the manual pages.

use camino::{Utf8Path, Utf8PathBuf};
use clap_mangen::Man;
use miette::IntoDiagnostic as _;

use super::{CommandResult, Outcome, print_exact};
use crate::files::writer;

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write one page for the program and one for each command into this directory
    #[arg(short, long, value_name = "DIR")]
    output: Option<Utf8PathBuf>,
}

/// Prints the page of `program`, or writes those of its commands, too.
pub fn run(args: &Args, program: clap::Command) -> CommandResult {
    // Pages name each other: there is none for `help`.
    let mut command = program.disable_help_subcommand(true);
    command.build();
    match &args.output {
        Some(dir) => write(&command, "rbn-plan", dir),
        None => print_exact(&page(command)?),
    }
}

/// Writes the page of a command, and those of its own.
fn write(command: &clap::Command, name: &str, dir: &Utf8Path) -> CommandResult {
    // What the program calls itself by is nobody else's command.
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        write(sub, &format!("{name}-{}", sub.get_name()), dir)?;
    }
    writer::write(&dir.join(format!("{name}.1")), &page(command.clone())?)?;
    Ok(Outcome::Done)
}

fn page(command: clap::Command) -> miette::Result<String> {
    let mut text = Vec::new();
    // Without a date, so that the same program gives the same page.
    let source = concat!("rbn-plan ", env!("CARGO_PKG_VERSION"));
    Man::new(command).date("").source(source).render(&mut text).into_diagnostic()?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
