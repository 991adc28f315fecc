//! Where Cargo is asked for its configuration.

use camino::{Utf8Path, Utf8PathBuf};

/// Where Cargo is asked, and how.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The `cargo` program.
    pub cargo: &'a str,
    /// The directory that it runs in.
    pub dir: &'a Utf8Path,
    /// `--config` and `-Z`, as given.
    pub flags: &'a [String],
}

impl Asked<'_> {
    /// The files that `--config` names.
    pub(super) fn named_files(&self) -> Vec<Utf8PathBuf> {
        let values = self.flags.iter().filter_map(|flag| flag.strip_prefix("--config="));
        values.map(|value| self.dir.join(value)).filter(|path| path.is_file()).collect()
    }
}
