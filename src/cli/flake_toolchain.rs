//! The toolchain that a flake's inputs provide: as the flake calls it, and as `build` does.

use camino::Utf8Path;
use miette::Diagnostic;
use thiserror::Error;

use super::machine::this_machine;
use super::times;
use crate::config::{Config, Origin, Toolchain, ToolchainVersion};
use crate::files::reader;
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
    #[diagnostic(help(
        "make it: `{cure}`; or build with this machine's own: `provider = \"host\"` in config.toml"
    ))]
    Missing {
        /// The file.
        file: String,
        /// What makes it.
        cure: String,
    },
    /// The flake alone knows how.
    #[error("the toolchain of the flake cannot be asked for here: {0}")]
    #[diagnostic(help("the flake builds it itself: `nix build`"))]
    Unnameable(String),
}

/// The files of a flake that say where its inputs come from.
const FILES: [&str; 2] = ["flake.nix", "flake.lock"];

/// What the flake's toolchain needs and has not, where config.toml says that the flake provides it:
/// a sentence and a cure.
pub(super) fn lacks(root: &Utf8Path, config: &Config) -> Option<(String, String)> {
    let (file, cure) = missing(root, config)?;
    Some((format!("the toolchain comes from the flake's inputs, and there is no {file}"), cure))
}

/// The first file that is missing, and what makes it.
fn missing(root: &Utf8Path, config: &Config) -> Option<(String, String)> {
    if !is_of_flake(config) {
        return None;
    }
    let flake = root.join(config.nix.root.value.as_path());
    let made = ["rbn-plan init", "nix flake lock"];
    let of_flake = FILES.iter().zip(made).map(|(name, cure)| (flake.join(name), *name, cure));
    let provider =
        (root.join(PROVIDER), PROVIDER, "rbn-plan toolchain nixpkgs -o generated/nixpkgs.nix");
    let mut all = of_flake.chain([provider]);
    let (_, name, cure) = all.find(|(file, ..)| !file.is_file())?;
    Some((name.to_owned(), cure.to_owned()))
}

/// Whether config.toml says so.
pub(super) fn is_of_flake(config: &Config) -> bool {
    matches!(config.toolchain.value, Toolchain::Nixpkgs { .. } | Toolchain::Input { .. })
}

/// The toolchain as an expression of Nix, where config.toml says that the flake's inputs provide it:
/// the very one that the flake hands to the plan, so that both build the same derivations.
///
/// # Errors
/// A flake that is not there or not locked, and one that must be asked itself.
pub(super) fn expression(root: &Utf8Path, config: &Config) -> miette::Result<Option<String>> {
    if !is_of_flake(config) {
        return Ok(None);
    }
    if let Some((file, cure)) = missing(root, config) {
        return Err(NoToolchain::Missing { file, cure }.into());
    }
    let flake = root.join(config.nix.root.value.as_path());
    let Some(mut toolchain) = of(config, None) else { return Ok(None) };
    toolchain.file = format!("(/. + {})", escape::string(root.join(PROVIDER).as_str()));
    let system = escape::string(this_machine()?.system.as_str());
    let call = toolchain.call_from("inputs", &system).map_err(NoToolchain::Unnameable)?;
    // Nix copies a flake's whole directory; of this one, which is a copy, only inputs are asked.
    let copy = times::flake(root);
    for name in FILES {
        let text = reader::text(flake.join(name))?;
        writer::write(&copy.join(name), &text)?;
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
