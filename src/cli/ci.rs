//! `rbn-plan ci`: how a CI system builds the plan, as a file of its own.

use camino::Utf8PathBuf;
use clap::{ValueEnum, ValueHint};

use super::select::SelectArgs;
use super::{CommandResult, Outcome, print_exact};
use crate::files::writer;

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whose file
    #[arg(value_enum, value_name = "SYSTEM")]
    system: System,
    /// Write to this file, whole or not at all
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<Utf8PathBuf>,
}

/// A CI system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum System {
    /// GitHub Actions: .github/workflows/build.yml
    Github,
    /// GitLab: .gitlab-ci.yml
    Gitlab,
    /// Hydra, nix-eval-jobs, nix-fast-build: generated/jobs.nix, beside the plan
    Hydra,
    /// buildbot-nix: buildbot-nix.toml, with the flake's checks
    Buildbot,
}

impl System {
    fn text(self) -> &'static str {
        match self {
            Self::Github => include_str!("../../templates/ci/github.yml"),
            Self::Gitlab => include_str!("../../templates/ci/gitlab.yml"),
            Self::Hydra => include_str!("../../templates/ci/jobs.nix"),
            Self::Buildbot => include_str!("../../templates/ci/buildbot.toml"),
        }
    }
}

/// Prints or writes the file, with the places that config.toml names.
pub fn run(args: &Args) -> CommandResult {
    let text = match SelectArgs::default().place() {
        Ok((_, config)) => {
            let plan = config.nix.output.value.as_path();
            let toolchain = config.nix.toolchain_file.value.as_path();
            let plan = plan.file_name().unwrap_or("steps.nix");
            let text = args.system.text().replace("./steps.nix", &format!("./{plan}"));
            text.replace("generated/toolchain.nix", toolchain.as_str())
        }
        // Where no project is yet, the usual places.
        Err(_) => args.system.text().to_owned(),
    };
    match &args.output {
        Some(path) => {
            writer::write_generated(path, &text)?;
            Ok(Outcome::Done)
        }
        None => print_exact(&text),
    }
}
