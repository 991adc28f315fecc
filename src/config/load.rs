//! From disk: which file counts, and its text.

use std::io::ErrorKind;

use camino::{Utf8Path, Utf8PathBuf};

use super::build::Machine;
use super::invalid::Invalid;
use super::layers::{Environment, FILE_VARIABLE, Overrides};
use super::parse::Document;
use super::problem::{ConfigError, Fault, Problem};
use super::raw_value::Raw;
use super::resolve::{Config, Layers, Loaded};
use crate::files::reader::{self, ReadError};
use crate::text::excerpt::Excerpt;

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
    let file = file(root, named, environment)?;
    let file = file.as_ref().map(|(name, text)| (name.as_path(), text.as_str()));
    Config::resolve(&Layers { file, environment, flags, machine })
}

/// Whether all files that overrides name are there. Only planning needs them.
///
/// # Errors
/// As [`load`]; [`ConfigError::Invalid`] with each that is missing.
pub fn named_files(
    root: &Utf8Path,
    named: Option<&Utf8Path>,
    environment: &Environment,
) -> Result<(), ConfigError> {
    let Some((name, text)) = file(root, named, environment)? else { return Ok(()) };
    let mut problems = Vec::new();
    for found in Document::parse(&name, &text).found {
        let is_files = found.path.first().is_some_and(|section| section == "override")
            && found.path.get(2).is_some_and(|key| key == "files");
        let Raw::Texts(pieces) = &found.raw else { continue };
        for piece in pieces.iter().filter(|_| is_files) {
            let missing = root.join(&piece.text).symlink_metadata();
            if missing.is_err_and(|error| error.kind() == ErrorKind::NotFound) {
                let why = Invalid::NoFile(piece.text.clone());
                let what = Fault::BadValue { key: found.written.clone(), why };
                problems.push(Problem { what, place: found.value_place(piece.span.as_ref()) });
            }
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let source_code = Excerpt::new(name, text);
    Err(ConfigError::Invalid { source_code, total: problems.len(), problems })
}

/// The file that counts, by its name for people, and its text.
fn file(
    root: &Utf8Path,
    named: Option<&Utf8Path>,
    environment: &Environment,
) -> Result<Option<(Utf8PathBuf, String)>, ConfigError> {
    let asked = named
        .map(Utf8Path::to_owned)
        .or_else(|| environment.get(FILE_VARIABLE).map(Utf8PathBuf::from));
    let path = asked.clone().unwrap_or_else(|| root.join(FILE_NAME));
    let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
    match reader::text(&path) {
        Ok(text) => Ok(Some((name, text))),
        Err(error) if error.is_absent() && asked.is_none() => Ok(None),
        Err(ReadError::Io { source, .. }) => Err(ConfigError::Unreadable { path: name, source }),
        Err(ReadError::NotText { offset, line, .. }) => {
            Err(ConfigError::NotUtf8 { path: name, offset, line })
        }
        Err(error) => Err(ConfigError::NoFile(error)),
    }
}
