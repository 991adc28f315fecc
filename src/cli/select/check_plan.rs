//! What a plan of checks that config.toml names selects.

use camino::Utf8Path;
use clap::Parser;
use clap::error::ErrorKind;
use miette::Diagnostic;
use thiserror::Error;

use super::{Only, SelectArgs};
use crate::cargo::selection::Command;
use crate::config::CheckPlan;

/// The words behind a verb, read as its command line is.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Typed {
    #[arg(long)]
    doc: bool,
    #[arg(long)]
    no_deps: bool,
    #[command(flatten)]
    select: SelectArgs,
    #[arg(last = true)]
    args: Vec<String>,
}

/// Words that say no selection.
#[derive(Debug, Error, Diagnostic)]
#[error("`{plan}` in checks.plans: {why}")]
#[diagnostic(help(
    "the words are flags that pick what is checked, as of `rbn-plan {verb}`: `rbn-plan {verb} --help`"
))]
struct Misread {
    plan: String,
    verb: &'static str,
    why: String,
}

impl SelectArgs {
    /// The selection of a plan of checks, where these flags say how it is planned (`--offline`,
    /// `--config-file`), and nothing of what is built: what is checked is config.toml's to say.
    ///
    /// # Errors
    /// Words that the command does not have, or that say where.
    pub(in crate::cli) fn of_check_plan(
        &self,
        root: &Utf8Path,
        plan: &CheckPlan,
    ) -> miette::Result<Self> {
        let verb = plan.verb.as_str();
        let misread = |why: String| Misread { plan: plan.to_string(), verb, why };
        let typed = Typed::try_parse_from(&plan.words).map_err(|error| {
            misread(match error.kind() {
                ErrorKind::DisplayHelp => "`--help` is no flag of a plan".to_owned(),
                _ => first_line(&error),
            })
        })?;
        let Typed { doc, no_deps, select, args } = typed;
        if let Some(flag) = select.flag_of_place() {
            return Err(misread(format!("`{flag}` says where or how to plan, not what")).into());
        }
        let of_verb = select.for_check(Command::from(plan.verb), Only { doc, no_deps }, &args);
        Ok(self.placed(&of_verb, root, Utf8Path::new(""), self.config_file()))
    }

    /// The first flag that says where or how to plan, or which of Cargo's commands.
    fn flag_of_place(&self) -> Option<&'static str> {
        let flags = [
            ("--mode", self.mode_flag().is_some()),
            ("--config-file", self.file.is_some()),
            ("--manifest-path", self.manifest_path.is_some()),
            ("-C", self.directory.is_some()),
            ("--locked", self.locked),
            ("--offline", self.offline),
            ("--frozen", self.frozen),
            ("--untrusted", self.untrusted),
        ];
        flags.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
    }
}

/// What the parser of a command line has to say, without its word `error` and the usage.
fn first_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
