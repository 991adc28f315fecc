//! `rbn-plan flake`: the tree of flakes in a directory, read without Nix.

use camino::Utf8PathBuf;
use clap::ValueEnum;
use miette::{IntoDiagnostic as _, Report};

use super::{Outcome, flake_json, flake_text, flake_update, out, print, print_json};
use crate::flake::{FlakeTree, LockState, load};

/// Arguments of `rbn-plan flake`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Directory of the flake
    #[arg(default_value = ".")]
    dir: Utf8PathBuf,
    /// How to print the tree
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Exit with 1 if a flake.nix and its flake.lock disagree
    #[arg(long)]
    check: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Let Nix update flake.lock, make the plan again, and show what that changes
    Update(flake_update::Args),
}

/// How the tree is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, in 80 columns
    Text,
    /// For programs
    Json,
}

/// Prints the tree on stdout and what is wrong on stderr.
///
/// # Errors
///
/// A directory without a flake, or files that cannot be read.
pub fn run(args: &Args) -> Result<Outcome, Report> {
    if let Some(Command::Update(update)) = &args.command {
        return flake_update::run(update);
    }
    let tree = load(&args.dir)?;
    if args.json || args.format == Format::Json {
        print_json(&flake_json::render(&tree).into_diagnostic()?)?;
    } else {
        print(&flake_text::render(&tree))?;
    }
    Ok(status(tree, args.check))
}

fn status(tree: FlakeTree, check: bool) -> Outcome {
    let mut status = Outcome::Done;
    for flake in tree.flakes {
        let failures = [
            flake.flake.err(),
            match flake.lock {
                LockState::Broken(failure) => Some(failure),
                other => {
                    if check && !other.drift().is_empty() && status == Outcome::Done {
                        status = Outcome::Different;
                    }
                    None
                }
            },
        ];
        for failure in failures.into_iter().flatten() {
            out::complain(&Report::new(failure));
            status = Outcome::BadInput;
        }
    }
    status
}
