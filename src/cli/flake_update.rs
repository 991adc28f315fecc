//! `rbn-plan flake update`: Nix updates flake.lock; the plan follows.

use camino::Utf8Path;
use miette::Diagnostic;
use thiserror::Error;

use super::nix_command::{self, NixCommand};
use super::replan::replan_aloud;
use super::select::SelectArgs;
use super::{CommandResult, Outcome, print};
use crate::files::reader;
use crate::flake::{FlakeInputs, read};
use crate::nix::NixVersion;

/// Arguments of `rbn-plan flake update`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Inputs to update [default: all]
    #[arg(value_name = "INPUT")]
    inputs: Vec<String>,
    /// What is handed to Nix as it is
    #[arg(last = true, value_name = "FLAGS")]
    nix: Vec<String>,
    #[command(flatten)]
    select: SelectArgs,
}

/// An input that flake.nix does not have: old versions of Nix pass over it in silence.
#[derive(Debug, Error, Diagnostic)]
#[error("flake.nix has no input `{name}`")]
#[diagnostic(help("{help}"))]
struct NoInput {
    name: String,
    help: String,
}

/// Updates, then plans.
pub fn run(args: &Args) -> CommandResult {
    let (root, config) = args.select.place()?;
    let dir = root.join(config.nix.root.value.as_path());
    nix_command::has_flake(&dir)?;
    if !args.inputs.is_empty() {
        known(&args.inputs, &dir)?;
    }
    let version = nix_command::version(&dir)?;
    let mut words = words(version, &args.inputs);
    words.extend(args.nix.iter().cloned());
    NixCommand { words, dir }.run()?;
    match replan_aloud(&args.select, &root, &config)? {
        Some(meaning) => print(&meaning),
        None => Ok(Outcome::Done),
    }
}

/// The words after `nix`. A Nix that does not say its version is taken for a current one.
fn words(version: Option<NixVersion>, inputs: &[String]) -> Vec<String> {
    let old = version.is_some_and(|version| version < NixVersion::UPDATES_BY_NAME);
    let mut words = vec!["flake".to_owned()];
    if old && !inputs.is_empty() {
        words.push("lock".to_owned());
        words.extend(inputs.iter().flat_map(|name| ["--update-input".to_owned(), name.clone()]));
    } else {
        words.push("update".to_owned());
        words.extend(inputs.iter().cloned());
    }
    words
}

/// Whether flake.nix has the inputs; of a path such as `rust-overlay/nixpkgs` it is the first part.
fn known(names: &[String], dir: &Utf8Path) -> miette::Result<()> {
    let path = dir.join("flake.nix");
    // What cannot be read is Nix's to complain about.
    let Ok(text) = reader::text(&path) else { return Ok(()) };
    let FlakeInputs { inputs, rest } = read(&text, path.as_str())?.inputs;
    if rest.is_some() {
        return Ok(());
    }
    for name in names {
        let first = name.split('/').next().unwrap_or_default();
        if !inputs.contains_key(first) {
            let all: Vec<&str> = inputs.keys().map(String::as_str).collect();
            let help = match all.as_slice() {
                [] => "it has none".to_owned(),
                all => format!("it has {}", all.join(", ")),
            };
            return Err(NoInput { name: name.clone(), help }.into());
        }
    }
    Ok(())
}
