//! The flake input that the toolchain comes from, as flake.lock pins it.

use camino::Utf8Path;
use miette::Diagnostic;
use thiserror::Error;

use crate::config::{Origin, Toolchain};
use crate::flake::{FlakeInputs, Lock, LockState, TreeFlake};
use crate::model::ToolchainPin;

/// Why the input cannot be what config.toml says.
#[derive(Debug, Error, Diagnostic)]
pub enum PinError {
    /// flake.nix has no such input.
    #[error("{origin}: flake.nix has no input `{input}`, which the toolchain comes from")]
    #[diagnostic(help("{help}"))]
    Undeclared {
        /// The input's name.
        input: String,
        /// Where it was asked for.
        origin: Origin,
        /// What to do.
        help: String,
    },
    /// There is no flake.nix at all.
    #[error(
        "{origin}: the toolchain comes from the flake input `{input}`, but {dir} has no flake.nix"
    )]
    #[diagnostic(help("make one with `rbn-plan init`, or say where it is: [nix] root"))]
    NoFlake {
        /// The input's name.
        input: String,
        /// Where it was asked for.
        origin: Origin,
        /// Where flake.nix was looked for.
        dir: String,
    },
    /// flake.nix or flake.lock cannot be read.
    #[error("{0}")]
    #[diagnostic(help("`rbn-plan flake` shows the places"))]
    Unreadable(String),
}

/// What is pinned, and what is to be said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pinned {
    /// The pin, if the toolchain comes from an input that is locked.
    pub pin: Option<ToolchainPin>,
    /// Why there is none, or why it is not to be trusted.
    pub warning: Option<String>,
}

/// The input that `toolchain` names, if it names one by the user's own word.
fn named(toolchain: &Toolchain) -> Option<(&str, &Origin)> {
    match toolchain {
        Toolchain::Host | Toolchain::Store { .. } => None,
        Toolchain::Nixpkgs { input } | Toolchain::Input { input, .. } => {
            Some((input.value.as_str(), &input.origin))
        }
    }
}

/// Checks the toolchain's input against the flake in `dir`. `origin` is where the provider was
/// chosen.
///
/// # Errors
/// [`PinError`] where the flake has no such input, or cannot be read.
pub fn load(toolchain: &Toolchain, origin: &Origin, dir: &Utf8Path) -> Result<Pinned, PinError> {
    let Some((input, own)) = named(toolchain) else { return Ok(Pinned::default()) };
    let origin = if *own == Origin::Default { origin } else { own };
    if !dir.join("flake.nix").is_file() {
        // Without a flake, nixpkgs is whatever the caller passes.
        if matches!(toolchain, Toolchain::Nixpkgs { .. }) {
            return Ok(Pinned::default());
        }
        let (input, origin) = (input.to_owned(), origin.clone());
        return Err(PinError::NoFlake { input, origin, dir: dir.to_string() });
    }
    let unreadable = |error: &dyn std::fmt::Display| PinError::Unreadable(error.to_string());
    let tree = crate::flake::load(dir).map_err(|error| unreadable(&error))?;
    let Some(TreeFlake { flake, lock, .. }) = tree.flakes.into_iter().next() else {
        return Ok(Pinned::default());
    };
    let flake = flake.map_err(|failure| unreadable(&failure))?;
    match lock {
        LockState::Broken(failure) => Err(unreadable(&failure)),
        LockState::Present { lock, drift } => {
            let drifted = drift.iter().find(|drift| drift.input == input);
            pinned(input, origin, &flake.inputs, Some(&lock), drifted.map(ToString::to_string))
        }
        _ => pinned(input, origin, &flake.inputs, None, None),
    }
}

/// Checks that a flake has the input that `toolchain` names, without its lock.
///
/// # Errors
/// [`PinError::Undeclared`].
pub fn declared(
    toolchain: &Toolchain,
    origin: &Origin,
    inputs: &FlakeInputs,
) -> Result<(), PinError> {
    let Some((input, own)) = named(toolchain) else { return Ok(()) };
    let origin = if *own == Origin::Default { origin } else { own };
    // What is computed may hold any name.
    if inputs.rest.is_none() {
        pinned(input, origin, inputs, None, None)?;
    }
    Ok(())
}

/// The decision on what was read.
///
/// # Errors
/// [`PinError::Undeclared`].
pub fn pinned(
    input: &str,
    origin: &Origin,
    inputs: &FlakeInputs,
    lock: Option<&Lock>,
    drift: Option<String>,
) -> Result<Pinned, PinError> {
    // Computed inputs may hold any name: the lock knows.
    let declared = inputs.inputs.contains_key(input)
        || (inputs.rest.is_some() && lock.is_some_and(|lock| lock.root_input(input).is_some()));
    if !declared {
        let known: Vec<&str> = inputs.inputs.keys().map(String::as_str).collect();
        let help = match known.as_slice() {
            [] => format!("add `inputs.{input}.url = \"...\";` to flake.nix"),
            known => format!(
                "it has {}; name one of them, or add `inputs.{input}.url = \"...\";`",
                known.join(", ")
            ),
        };
        let (input, origin) = (input.to_owned(), origin.clone());
        return Err(PinError::Undeclared { input, origin, help });
    }
    let locked = lock.and_then(|lock| lock.root_input(input)?.locked.as_ref());
    let Some(nar_hash) = locked.and_then(|locked| locked.text("narHash")) else {
        let warning = format!(
            "the input `{input}` is not in flake.lock, so the plan does not say which toolchain it \
             is for: nix flake lock"
        );
        return Ok(Pinned { pin: None, warning: Some(warning) });
    };
    let rev = locked.and_then(|locked| locked.text("rev")).map(str::to_owned);
    let pin = ToolchainPin { input: input.to_owned(), rev, nar_hash: nar_hash.to_owned() };
    let warning = drift.map(|drift| format!("{drift}: nix flake lock"));
    Ok(Pinned { pin: Some(pin), warning })
}
