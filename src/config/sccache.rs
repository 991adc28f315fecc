//! `[sccache]`: the daemon that compile steps may ask.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::invalid::Invalid;
use super::origin::Setting;
use super::raw_value::dotted;
use super::reader::Reader;
use super::scalars::{Size, VariableName, argument, plain_path};

const SOCKET: &str = "/run/rbn-plan/sccache/server.sock";
const DIRECTORY: &str = "/var/cache/rbn-plan/sccache";
/// sccache's own default.
const SIZE: Size = Size::from_bytes(10 << 30);

/// The daemon and its storage. Nothing of it is part of a step, so no hash depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sccache {
    /// Whether a daemon is wanted.
    pub enable: Setting<bool>,
    /// Its Unix socket, an absolute path of plain characters.
    pub socket: Setting<Utf8PathBuf>,
    /// Where it keeps its cache, an absolute path of plain characters.
    pub directory: Setting<Utf8PathBuf>,
    /// Whether every build that sees the socket may add to the cache.
    pub write: Setting<bool>,
    /// The most that the cache may take.
    pub size: Setting<Size>,
    /// Variables of sccache's own for remote storage; may hold secrets.
    pub storage: BTreeMap<VariableName, Setting<String>>,
}

impl Default for Sccache {
    fn default() -> Self {
        Self {
            enable: Setting::default(true),
            socket: Setting::default(SOCKET.into()),
            directory: Setting::default(DIRECTORY.into()),
            write: Setting::default(false),
            size: Setting::default(SIZE),
            storage: BTreeMap::new(),
        }
    }
}

impl Sccache {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        let path = |reader: &mut Reader, name| reader.text(&["sccache", name], 0, plain_path);
        Self {
            enable: reader.boolean(&["sccache", "enable"]).unwrap_or(default.enable),
            socket: path(reader, "socket").unwrap_or(default.socket),
            directory: path(reader, "directory").unwrap_or(default.directory),
            write: reader.boolean(&["sccache", "write"]).unwrap_or(default.write),
            size: reader.text(&["sccache", "size"], 0, Size::new).unwrap_or(default.size),
            storage: storage(reader),
        }
    }
}

fn storage(reader: &mut Reader) -> BTreeMap<VariableName, Setting<String>> {
    let mut storage = BTreeMap::new();
    for (name, place) in reader.chosen(&["sccache", "storage"], None) {
        let value = reader.text(&["sccache", "storage", &name], 0, argument);
        let variable = VariableName::new(&name)
            .ok()
            .filter(|_| name.starts_with("SCCACHE_") || name.starts_with("AWS_"));
        match (variable, value) {
            (Some(variable), Some(value)) => {
                storage.insert(variable, value);
            }
            (Some(_), None) => {}
            (None, _) => {
                let key = dotted(&["sccache".to_owned(), "storage".to_owned(), name.clone()]);
                let noun = "a variable of sccache's (`SCCACHE_...`, `AWS_...`)";
                reader.refuse(key, Invalid::Name { text: name, noun }, place);
            }
        }
    }
    storage
}

/// Whether a variable of the storage may hold a secret, judged by its name and value.
#[must_use]
pub fn is_secret(name: &str, value: &str) -> bool {
    ["SECRET", "TOKEN", "PASSWORD", "KEY", "CREDENTIAL"].iter().any(|word| name.contains(word))
        || (value.contains("://") && value.contains('@'))
}
