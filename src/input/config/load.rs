//! From disk: which file counts, and its text.

use std::io::ErrorKind;

use camino::{Utf8Path, Utf8PathBuf};

use super::build::Machine;
use super::layers::{Environment, FILE_VARIABLE, Overrides};
use super::problem::ConfigError;
use super::resolve::{Config, Layers, Loaded};

/// The file's name at the workspace root.
pub const FILE_NAME: &str = "config.toml";

/// Reads the configuration of the workspace at `root`.
///
/// The file is `named` (`--config`), else what `RBN_PLAN_CONFIG` names, else `config.toml` at the
/// workspace root; only the last one may be absent. In origins and messages a file below the root
/// is named relative to it.
///
/// # Errors
/// [`ConfigError`] if the file cannot be read or a value of any layer is wrong.
pub fn load(
    root: &Utf8Path,
    named: Option<&Utf8Path>,
    environment: &Environment,
    flags: &Overrides,
    machine: &Machine,
) -> Result<Loaded, ConfigError> {
    let asked = named
        .map(Utf8Path::to_owned)
        .or_else(|| environment.get(FILE_VARIABLE).map(Utf8PathBuf::from));
    let path = asked.clone().unwrap_or_else(|| root.join(FILE_NAME));
    let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
    let text = match std::fs::read(&path) {
        Ok(bytes) => Some(decode(&name, bytes)?),
        Err(error) if error.kind() == ErrorKind::NotFound && asked.is_none() => None,
        Err(source) => return Err(ConfigError::Unreadable { path: name, source }),
    };
    let file = text.as_deref().map(|text| (name.as_path(), text));
    Config::resolve(&Layers { file, environment, flags, machine })
}

fn decode(path: &Utf8Path, bytes: Vec<u8>) -> Result<String, ConfigError> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..offset];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        ConfigError::NotUtf8 { path: path.to_owned(), offset, line }
    })
}
