//! `rbn-plan develop`: the plan is brought up to date, then Nix opens the flake's shell.

use camino::{Utf8Path, Utf8PathBuf};

use super::nix_command::{self, NixCommand};
use super::replan::replan_aloud;
use super::select::SelectArgs;
use super::{CommandResult, out};
use crate::config::Config;

/// Arguments of `rbn-plan develop`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell, as `nix develop` names it [default: the flake's own]
    #[arg(value_name = "INSTALLABLE")]
    shell: Option<String>,
    /// What is handed to Nix as it is: `-- -c cargo test`
    #[arg(last = true, value_name = "FLAGS")]
    nix: Vec<String>,
    #[command(flatten)]
    select: SelectArgs,
}

/// Plans, then becomes `nix develop`, whose exit code is this program's.
///
/// A plan that cannot be made keeps nobody out of the shell where it is mended; what there is to
/// say goes to stderr, for stdout is the shell's.
pub fn run(args: &Args) -> CommandResult {
    if args.select.is_untrusted() {
        return Err(miette::miette!(
            help = "look at the flake first, then leave --untrusted out",
            "develop opens the shell of the tree's flake, which is code of the tree"
        ));
    }
    let (root, config) = args.select.place()?;
    let dir = args.select.options()?.dir;
    let file = ["-f", "--file", "-E", "--expr"];
    if args.shell.is_none() && !args.nix.iter().any(|word| file.contains(&word.as_str())) {
        let flake = elsewhere(&root, &config).map_or_else(|| dir.clone(), Utf8PathBuf::from);
        nix_command::has_flake(&flake)?;
    }
    match replan_aloud(&args.select, &root, &config) {
        Ok(meaning) => eprint!("{}", meaning.unwrap_or_default()),
        Err(report) => {
            eprintln!("warning: the plan stays as it is");
            out::complain(&report);
        }
    }
    let mut words = vec!["develop".to_owned()];
    words.extend(args.shell.clone().or_else(|| elsewhere(&root, &config)));
    words.extend(args.nix.iter().cloned());
    Err(NixCommand { words, dir }.replace_this_program().into())
}

/// The flake's directory, where Nix would not find it by going up.
fn elsewhere(root: &Utf8Path, config: &Config) -> Option<String> {
    let flake = config.nix.root.value.as_path();
    let below = flake != "." && !flake.as_str().is_empty();
    below.then(|| root.join(flake).to_string())
}
