//! From disk: which file counts, and its text.

use std::io::ErrorKind;

use camino::{Utf8Path, Utf8PathBuf};

use super::build::Machine;
use super::invalid::Invalid;
use super::layers::{Environment, FILE_VARIABLE, Overrides};
use super::notice::Notice;
use super::origin::Origin;
use super::parse::Document;
use super::problem::{ConfigError, Fault, Problem};
use super::raw_value::Raw;
use super::resolve::{Config, Layers, Loaded};
use super::schema;
use crate::files::reader::{self, ReadError};
use crate::text::excerpt::Excerpt;
use crate::text::spelling;

/// The file's name at the workspace root.
pub const FILE_NAME: &str = "rbn-plan.toml";

/// Its other name, which an application may have for a file of its own.
pub const OTHER_NAME: &str = "config.toml";

/// Reads the configuration of the workspace at `root`.
///
/// The file is `named` (`--config-file`), else what `RBN_PLAN_CONFIG` names, else `rbn-plan.toml` at
/// the workspace root, else `config.toml` there, if that is ours and not the application's. Only these
/// two may be absent. In origins and messages a file below the root is named relative to it.
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
    let found = file(root, named, environment)?;
    let file = found.as_ref().map(|(name, text)| (name.as_path(), text.as_str()));
    let mut loaded = Config::resolve(&Layers { file, environment, flags, machine })?;
    let passed = asked(named, environment).is_none().then(|| passed_over(root)).flatten();
    if let Some(message) = passed {
        let key = OTHER_NAME.to_owned();
        loaded.notices.push(Notice { key, message: message.to_owned(), origin: Origin::Default });
    }
    Ok(loaded)
}

/// The name of the file that is read at `root` where none is named.
#[must_use]
pub fn usual_file(root: &Utf8Path) -> Option<&'static str> {
    // A link to nothing is there, and is told of when it is read.
    let is_there = |path: &Utf8Path| path.symlink_metadata().is_ok();
    if is_there(&root.join(FILE_NAME)) {
        return Some(FILE_NAME);
    }
    let other = root.join(OTHER_NAME);
    // One that cannot be read is to be told of.
    let foreign = reader::text(&other).is_ok_and(|text| is_foreign(&text));
    (is_there(&other) && !foreign).then_some(OTHER_NAME)
}

/// Why the other file is not read, where it is there.
fn passed_over(root: &Utf8Path) -> Option<&'static str> {
    let text = reader::text(root.join(OTHER_NAME)).ok()?;
    if is_foreign(&text) {
        return Some("is another program's and passed over: rbn-plan's own is rbn-plan.toml");
    }
    root.join(FILE_NAME).exists().then_some("is passed over, because rbn-plan.toml is there")
}

/// Whether the text is of another program: most keys at its top are neither ours nor nearly ours.
fn is_foreign(text: &str) -> bool {
    let (table, _) = toml::de::DeTable::parse_recoverable(text);
    let root = schema::root();
    let strange =
        |key: &&str| root.child(key).is_none() && spelling::nearest(key, root.names()).is_none();
    let table = table.get_ref();
    let keys = table.keys().map(|key| key.get_ref().as_ref());
    2 * keys.filter(strange).count() > table.len()
}

/// Sections that Cargo's configuration has not.
const OURS: [&str; 4] = ["nix", "override", "sccache", "toolchain"];

/// Keys of `[build]` that Cargo's has not.
const OURS_OF_BUILD: [&str; 9] = [
    "all-features",
    "features",
    "no-default-features",
    "packages",
    "profile",
    "systems",
    "targets",
    "vendor",
    "workspace",
];

/// Whether there is a file at `path` with settings of ours that Cargo's configuration has not.
#[must_use]
pub fn is_ours(path: &Utf8Path) -> bool {
    let Ok(text) = reader::text(path) else { return false };
    Document::parse(path, &text).found.iter().any(|found| {
        let key = |at: usize| found.path.get(at).map_or("", String::as_str);
        OURS.contains(&key(0)) || (key(0) == "build" && OURS_OF_BUILD.contains(&key(1)))
    })
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
    let asked = asked(named, environment);
    let usual = || usual_file(root).map(|name| root.join(name));
    let Some(path) = asked.clone().or_else(usual) else { return Ok(None) };
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

/// The file that is asked for.
fn asked(named: Option<&Utf8Path>, environment: &Environment) -> Option<Utf8PathBuf> {
    let variable = || environment.get(FILE_VARIABLE).map(Utf8PathBuf::from);
    named.map(Utf8Path::to_owned).or_else(variable)
}
