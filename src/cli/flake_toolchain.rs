//! The toolchain that a flake's inputs provide: as the flake calls it, and as `build` does.

use std::fs;

use camino::Utf8Path;
use miette::{Diagnostic, IntoDiagnostic as _};
use thiserror::Error;

use super::machine::this_machine;
use super::times;
use crate::config::{Config, Origin, Toolchain, ToolchainVersion};
use crate::files::writer;
use crate::flake::{Flake, FlakeCompiler, FlakeToolchain, ToolchainLibrary};
use crate::nix::escape;

/// The provider for nixpkgs; not the plan's default one, which names paths of one machine.
pub(super) const PROVIDER: &str = "generated/nixpkgs.nix";

/// The flake's toolchain cannot be asked for.
#[derive(Debug, Error, Diagnostic)]
enum NoToolchain {
    /// A file of the flake is not there.
    #[error("the toolchain comes from the flake's inputs, and there is no {file}")]
    #[diagnostic(help("{cure}; or build with this machine's own: `provider = \"host\"` in config.toml"))]
    Missing {
        /// The file.
        file: String,
        /// What makes it.
        cure: &'static str,
    },
    /// The flake alone knows how.
    #[error("the toolchain of the flake cannot be asked for here: {0}")]
    #[diagnostic(help("the flake builds it itself: `nix build`"))]
    Unnameable(String),
}

/// The toolchain as an expression of Nix, where config.toml says that the flake's inputs provide it:
/// the very one that the flake hands to the plan, so that both build the same derivations.
///
/// # Errors
/// A flake that is not there or not locked, and one that must be asked itself.
pub(super) fn expression(root: &Utf8Path, config: &Config) -> miette::Result<Option<String>> {
    if !matches!(config.toolchain.value, Toolchain::Nixpkgs { .. } | Toolchain::Input { .. }) {
        return Ok(None);
    }
    let flake = root.join(config.nix.root.value.as_path());
    let there = |dir: &Utf8Path, file: &str, cure| match dir.join(file).is_file() {
        true => Ok(dir.join(file)),
        false => Err(NoToolchain::Missing { file: file.to_owned(), cure }),
    };
    let text = there(&flake, "flake.nix", "`rbn-plan init` makes one")?;
    let lock = there(&flake, "flake.lock", "`nix flake lock` makes it")?;
    let provider =
        there(root, PROVIDER, "`rbn-plan toolchain nixpkgs -o generated/nixpkgs.nix` makes it")?;
    let Some(mut toolchain) = of(config, None) else { return Ok(None) };
    toolchain.file = format!("(/. + {})", escape::string(provider.as_str()));
    let system = escape::string(this_machine()?.system.as_str());
    let call = toolchain.call_from("inputs", &system).map_err(NoToolchain::Unnameable)?;
    // Nix copies a flake's whole directory; of this one, which is a copy, only inputs are asked.
    let copy = times::flake(root);
    for file in [text, lock] {
        let name = file.file_name().unwrap_or_default().to_owned();
        writer::write(&copy.join(name), &fs::read_to_string(&file).into_diagnostic()?)?;
    }
    let copy = escape::string(&format!("path:{copy}"));
    Ok(Some(format!("let inherit (builtins.getFlake {copy}) inputs; in {call}")))
}

/// Where the flake takes its toolchain from: what config.toml says; without a word of it, from
/// nixpkgs if the flake has that. `flake` is `None` for one that is yet to be written.
pub(super) fn of(config: &Config, flake: Option<&Flake>) -> Option<FlakeToolchain> {
    let has = |input: &str| flake.is_none_or(|flake| flake.inputs.inputs.contains_key(input));
    let call = |nixpkgs: &str, compiler| {
        let (file, nixpkgs) = (format!("./{PROVIDER}"), nixpkgs.to_owned());
        Some(FlakeToolchain { file, nixpkgs, compiler })
    };
    let chosen = &config.toolchain;
    match &chosen.value {
        Toolchain::Host if chosen.origin == Origin::Default && has("nixpkgs") => {
            call("nixpkgs", None)
        }
        Toolchain::Host | Toolchain::Store { .. } => None,
        Toolchain::Nixpkgs { input } => call(input.value.as_str(), None),
        Toolchain::Input { input, channel, version, components } => {
            let input = input.value.to_string();
            let fenix = input.contains("fenix");
            let version = match &version.value {
                ToolchainVersion::Latest => None,
                version => Some(version.to_string()),
            };
            let compiler = FlakeCompiler {
                library: if fenix {
                    ToolchainLibrary::Fenix
                } else {
                    ToolchainLibrary::RustOverlay
                },
                input,
                channel: channel.value.to_string(),
                version,
                components: components.value.iter().map(ToString::to_string).collect(),
                targets: match config.build.targets.origin {
                    Origin::Default => Vec::new(),
                    _ => config.build.targets.value.iter().map(ToString::to_string).collect(),
                },
            };
            call("nixpkgs", Some(compiler))
        }
    }
}
