//! `[install]`: directories of an installation outside the Nix store, as the older layout had
//! them. A plan does not use them; they are derived and kept for what installs.

use camino::Utf8PathBuf;

use super::invalid::Invalid;
use super::notice::Notice;
use super::origin::Setting;
use super::reader::Reader;
use super::scalars::absolute;

/// Directories, all absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// What the others are below of.
    pub prefix: Setting<Utf8PathBuf>,
    /// Programs.
    pub bindir: Setting<Utf8PathBuf>,
    /// Libraries.
    pub libdir: Setting<Utf8PathBuf>,
    /// Data that no architecture owns.
    pub datadir: Setting<Utf8PathBuf>,
    /// Manual pages.
    pub mandir: Setting<Utf8PathBuf>,
    /// Documentation.
    pub docdir: Setting<Utf8PathBuf>,
    /// Configuration of the machine.
    pub sysconfdir: Setting<Utf8PathBuf>,
}

const NO_EFFECT: &str =
    "no effect on a plan: the output of a derivation is its own prefix; kept for installers";

impl Install {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let prefix = reader
            .text(&["install", "prefix"], 0, absolute)
            .unwrap_or_else(|| Setting::default(Utf8PathBuf::from("/usr/local")));
        let below = |reader: &mut Reader, name, default: &str| {
            let parse = |text: &str| {
                if text.is_empty() || text.chars().any(char::is_control) {
                    return Err(Invalid::Name { text: text.to_owned(), noun: "a directory" });
                }
                Ok(Utf8PathBuf::from(text))
            };
            // An absolute path takes the place of the prefix.
            reader
                .text(&["install", name], 0, parse)
                .unwrap_or_else(|| Setting::default(Utf8PathBuf::from(default)))
                .map(|path| prefix.value.join(path))
        };
        let install = Self {
            bindir: below(reader, "bindir", "bin"),
            libdir: below(reader, "libdir", "lib"),
            datadir: below(reader, "datadir", "share"),
            mandir: below(reader, "mandir", "share/man"),
            docdir: below(reader, "docdir", "share/doc/rust"),
            sysconfdir: below(reader, "sysconfdir", "etc"),
            prefix,
        };
        let said = reader.all().filter(|found| found.path[0] == "install").map(|found| Notice {
            key: found.written.clone(),
            message: NO_EFFECT.to_owned(),
            origin: found.origin(),
        });
        let said: Vec<Notice> = said.collect();
        reader.notices.extend(said);
        install
    }
}
