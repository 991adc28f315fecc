//! `rbn-plan ci`: how a CI system builds the plan, as a file of its own.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{ValueEnum, ValueHint};

use super::select::SelectArgs;
use super::shell;
use super::{CommandResult, Outcome, print_exact};
use crate::cargo::paths::relative;
use crate::files::writer;
use crate::nix::escape;

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

impl System {
    /// The file for a project with its plan and its toolchain at these places below the workspace root.
    fn text_for(self, plan: &Utf8Path, toolchain: &Utf8Path) -> String {
        let dir = plan.parent().unwrap_or(Utf8Path::new(""));
        let way = |to: &Utf8Path| nix_path(&relative(dir, to));
        let replaced = [
            ("import ./toolchain.nix", format!("import {}", way(toolchain))),
            ("import ./steps.nix", format!("import {}", way(plan))),
            ("src ? ../.,", format!("src ? {},", way(Utf8Path::new("")))),
            ("generated/jobs.nix", dir.join("jobs.nix").into_string()),
            ("generated/toolchain.nix", shell::line([toolchain.as_str()])),
        ];
        let text = self.text().to_owned();
        replaced.iter().fold(text, |text, (usual, here)| text.replace(usual, here))
    }
}

/// A way from a file of Nix's to another place, as that file writes it.
fn nix_path(way: &Utf8Path) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._+-".contains(c);
    match way.as_str() {
        "" => "./.".to_owned(),
        text if !text.chars().all(is_plain) => {
            format!("(./. + {})", escape::string(&format!("/{text}")))
        }
        text if text.ends_with("..") => format!("{text}/."),
        text if text.starts_with("../") => text.to_owned(),
        text => format!("./{text}"),
    }
}

/// Prints or writes the file, with the places that config.toml names.
pub fn run(args: &Args) -> CommandResult {
    let text = match SelectArgs::default().place() {
        Ok((_, config)) => {
            let plan = config.nix.output.value.as_path();
            let toolchain = config.nix.toolchain_file.value.as_path();
            args.system.text_for(plan, toolchain)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(plan: &str, toolchain: &str) -> Vec<String> {
        let text = System::Hydra.text_for(Utf8Path::new(plan), Utf8Path::new(toolchain));
        let said = |line: &&str| {
            ["toolchain ? ", "src ? .", "plan = "].iter().any(|word| line.trim().starts_with(word))
        };
        text.lines().filter(said).map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn jobs_find_the_plan_its_toolchain_and_the_sources() {
        let plan = |name: &str| format!("plan = import ./{name} arguments;");
        assert_eq!(
            jobs("generated/steps.nix", "generated/toolchain.nix"),
            ["toolchain ? import ./toolchain.nix,", "src ? ../.,", &plan("steps.nix")]
        );
        assert_eq!(
            jobs("nix/gen/plan.nix", "nix/tools/host.nix"),
            ["toolchain ? import ../tools/host.nix,", "src ? ../../.,", &plan("plan.nix")]
        );
        assert_eq!(
            jobs("plan.nix", "tools/host.nix"),
            ["toolchain ? import ./tools/host.nix,", "src ? ./.,", &plan("plan.nix")]
        );
        let spaced = jobs("generated/steps.nix", "my tools/$x.nix");
        assert_eq!(spaced[0], r#"toolchain ? import (./. + "/../my tools/$x.nix"),"#);
    }
}
