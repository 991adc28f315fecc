//! `rbn-plan audit`: what is known against the packages that are built.

use camino::Utf8PathBuf;
use clap::{ValueEnum, ValueHint};
use miette::Diagnostic;
use thiserror::Error;

use super::select::SelectArgs;
use super::{CommandResult, Outcome, print};
use crate::audit::{Database, Wanted, look};

/// How it ends, for --help.
const ENDS: &str = "\
Exit code: 0 if nothing was found; 1 for findings; 2 for wrong usage, a workspace that cannot be planned, or \
a database that cannot be read. No network is used: get the database yourself, such as by \
`git clone https://github.com/rustsec/advisory-db`, or as an input of your flake.";

/// The command's flags.
#[derive(Debug, clap::Args)]
#[command(after_help = ENDS)]
pub struct Args {
    /// The advisory database, in RustSec's layout [default: audit.database of config.toml]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    database: Option<Utf8PathBuf>,
    /// What is a finding, too: warnings are advisories that are no vulnerabilities (unmaintained, unsound)
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
    #[command(flatten)]
    select: SelectArgs,
}

/// What else makes the command fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Advisories that are no vulnerabilities
    Warnings,
}

/// Nothing to compare with.
#[derive(Debug, Error, Diagnostic)]
#[error("there is no advisory database and no list of licences to compare with")]
#[diagnostic(help(
    "`git clone --depth 1 https://github.com/rustsec/advisory-db`, then `rbn-plan audit --database advisory-db`; or \
     set `audit.database` or `audit.licenses` in config.toml"
))]
struct Nothing;

/// Looks.
pub fn run(args: &Args) -> CommandResult {
    let (plan, loaded) = args.select.plan_of_workspace()?;
    let said = &loaded.config.audit;
    let of_file = said.database.as_ref().map(|dir| loaded.workspace.root.join(&dir.value));
    let given = args.database.clone();
    let dir = given.or(of_file);
    let licences = said.licenses.as_ref();
    if dir.is_none() && licences.is_none() {
        return Err(Nothing.into());
    }
    let wanted = Wanted {
        database: dir.as_deref().map(Database::open).transpose()?,
        licences: licences.map(|list| list.value.iter().map(String::as_str).collect()),
        ignored: said.ignore.keys().map(String::as_str).collect(),
    };
    let findings = look(&plan, &wanted)?;
    print(&findings.to_string())?;
    if wanted.database.is_some() {
        for (name, reason) in &said.ignore {
            if !findings.ignored.contains(name) {
                eprintln!("warning: {} ignores nothing here: {name}", reason.origin);
            }
        }
    }
    let (errors, warnings) = findings.counts();
    let fails = errors > 0 || (warnings > 0 && args.deny == Some(Deny::Warnings));
    Ok(if fails { Outcome::Failed } else { Outcome::Done })
}
