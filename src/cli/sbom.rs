//! `rbn-plan sbom`: what is built, as a bill of materials.

use camino::Utf8PathBuf;
use miette::Diagnostic;
use thiserror::Error;

use super::select::SelectArgs;
use super::{CommandResult, Outcome, print_json};
use crate::files::writer;
use crate::plan::sbom;
use crate::text::time;

/// The variable that says which time stands in what is made (<https://reproducible-builds.org/specs/source-date-epoch/>).
const EPOCH: &str = "SOURCE_DATE_EPOCH";

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write it to this file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<Utf8PathBuf>,
    #[command(flatten)]
    select: SelectArgs,
}

/// A time that is none.
#[derive(Debug, Error, Diagnostic)]
#[error("SOURCE_DATE_EPOCH is `{0}`, which is no number of seconds since 1970")]
#[diagnostic(help(
    "set it to the time that the document is to name, such as `git log -1 --format=%ct`, or unset it: the document then names none"
))]
struct NoTime(String);

/// Prints or writes it.
pub fn run(args: &Args) -> CommandResult {
    let time = match std::env::var(EPOCH) {
        Ok(text) => {
            let time = text.parse().ok().and_then(time::rfc3339);
            Some(time.ok_or(NoTime(text))?)
        }
        Err(_) => None,
    };
    let (plan, _) = args.select.plan()?;
    let text = sbom::render(&plan, time.as_deref());
    match &args.output {
        Some(path) => {
            writer::write(path, &text)?;
            Ok(Outcome::Done)
        }
        None => print_json(&text),
    }
}
