//! `[audit]`: what the packages of a plan are compared with.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::invalid::Invalid;
use super::origin::Setting;
use super::reader::Reader;
use super::scalars::argument;

/// The settings of audits; no plan knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// The directory of an advisory database, from the workspace root.
    pub database: Option<Setting<Utf8PathBuf>>,
    /// The licences that are allowed.
    pub licenses: Option<Setting<Vec<String>>>,
    /// Advisories that are no findings, each with the reason.
    pub ignore: BTreeMap<String, Setting<String>>,
}

impl Audit {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let said = |noun| {
            move |text: &str| match text.trim() {
                "" => Err(Invalid::Name { text: text.to_owned(), noun }),
                _ => argument(text),
            }
        };
        let mut ignore = BTreeMap::new();
        for (name, _) in reader.chosen(&["audit", "ignore"], None) {
            let path = ["audit", "ignore", name.as_str()];
            if let Some(reason) = reader.text(&path, 0, said("a reason")) {
                ignore.insert(name, reason);
            }
        }
        let database = reader.text(&["audit", "database"], 0, said("a directory"));
        Self {
            database: database.map(|setting| setting.map(Utf8PathBuf::from)),
            licenses: reader.set(&["audit", "licenses"], 0, said("a licence")),
            ignore,
        }
    }
}
