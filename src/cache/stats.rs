//! What the daemon answers, as figures.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::error::CacheError;
use super::figures::Figures;
use super::wire::Cursor;

/// The version of the JSON document.
const FORMAT_VERSION: u32 = 1;

/// The daemon's figures since it was started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    format_version: u32,
    /// sccache's version.
    pub version: String,
    /// `ReadWrite`, or `ReadOnly` where nothing is added.
    pub mode: String,
    /// Compile steps answered from the cache.
    pub hits: u64,
    /// Compile steps that rustc had to run for.
    pub misses: u64,
    /// Calls that sccache could not cache, by its own reason. Steps of which that is known beforehand
    /// (programs, proc macros, dynamic libraries, tests, build scripts) are not brought to it.
    pub not_cacheable: BTreeMap<String, u64>,
    /// Steps of which no entry was made: rustc refused them, or they read what is in no key.
    pub compile_failures: u64,
    /// Entries that could not be read: damaged, or cut off. Compiled anew.
    pub read_errors: u64,
    /// Entries that could not be kept, as on a full disk.
    pub write_errors: u64,
    /// Answers that came too late to be used.
    pub timeouts: u64,
    /// What the cache takes on this machine's disk, in bytes; none where that cannot be read.
    pub size: Option<u64>,
    /// The most that it may take, in bytes.
    pub limit: u64,
}

impl Stats {
    /// Reads what the daemon answers when it is asked for its figures: `words` are all but the answer's
    /// number. `writes` is whether builds may add to the cache.
    ///
    /// # Errors
    /// [`CacheError::Statistics`] for anything else.
    pub fn read(words: &[u8], writes: bool, limit: u64) -> Result<Self, CacheError> {
        let mut words = Cursor(words);
        let read = |words: &mut Cursor| {
            let figures = Figures::read(words)?;
            // The place.
            words.bytes()?;
            // A size is known when the first entry was asked for.
            let size = if words.byte()? == 1 { Some(words.u64()?) } else { None };
            if words.byte()? == 1 {
                words.u64()?;
            }
            words.byte()?;
            Some((figures, size, words.text()?.to_owned()))
        };
        let (figures, size, version) = read(&mut words).ok_or(CacheError::Statistics)?;
        Ok(Self {
            format_version: FORMAT_VERSION,
            version,
            mode: if writes { "ReadWrite" } else { "ReadOnly" }.to_owned(),
            hits: figures.hits,
            misses: figures.misses,
            not_cacheable: figures.not_cacheable,
            compile_failures: figures.compile_failures,
            read_errors: figures.read_errors.saturating_add(figures.errors),
            // With several storages a failed write is counted where it happened, and is no error.
            write_errors: figures.write_errors.max(figures.failed_writes),
            timeouts: figures.timeouts,
            size,
            limit,
        })
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut page = String::new();
        let mut row = |name: &str, value: String| {
            writeln!(page, "{name:<16}{value}").expect("a string takes what is written");
        };
        let asked = self.hits.saturating_add(self.misses);
        // Ten times a percentage, so that 99.9 is not shown as 100.
        let rate = self.hits.saturating_mul(1000).checked_div(asked);
        let rate = rate.map_or(String::new(), |r| format!(" ({}.{}%)", r / 10, r % 10));
        row("hits", format!("{} of {asked}{rate}", self.hits));
        row("misses", self.misses.to_string());
        if self.not_cacheable.is_empty() {
            row("not cacheable", "0".to_owned());
        }
        for (reason, count) in &self.not_cacheable {
            row("not cacheable", format!("{count}: {reason}"));
        }
        for (name, count, reason) in [
            (
                "no entry made",
                self.compile_failures,
                "rustc found errors, or read what is in no key",
            ),
            ("unreadable", self.read_errors, "damaged entries, compiled anew"),
            ("not kept", self.write_errors, "the storage refused, as a full disk does"),
            ("too late", self.timeouts, "the storage took too long"),
        ] {
            if count > 0 {
                row(name, format!("{count}: {reason}"));
            }
        }
        let size = self.size.map_or("unknown".to_owned(), rounded);
        row("size", format!("{size} of at most {}", rounded(self.limit)));
        row("daemon", format!("sccache {}, {}", self.version, self.mode));
        page.push_str(
            "\nPrograms, proc macros, dynamic libraries, tests and build scripts are linked or run:\n\
             no cache can keep them, so it is not asked for those steps.\n",
        );
        page
    }

    /// For programs: one document, its size and limit in bytes.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let mut document = serde_json::json!({ "running": true });
        if let (Some(all), Ok(serde_json::Value::Object(own))) =
            (document.as_object_mut(), serde_json::to_value(self))
        {
            all.extend(own);
        }
        document
    }

    /// The document where no daemon answers.
    #[must_use]
    pub fn none() -> serde_json::Value {
        serde_json::json!({ "running": false, "format_version": FORMAT_VERSION })
    }
}

/// With one digit, rounded down: `3.5 MiB`, `10.0 GiB`.
fn rounded(bytes: u64) -> String {
    let (unit, bits) = if bytes >> 30 > 0 { ("GiB", 30) } else { ("MiB", 20) };
    let part = bytes & ((1 << bits) - 1);
    format!("{}.{} {unit}", bytes >> bits, (part * 10) >> bits)
}
