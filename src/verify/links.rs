//! Directories that were reached through symbolic links.
//!
//! Cargo spells the workspace's root and its own home as it was told, and what it starts in them sees
//! its working directory as the system does. Both are one directory, and are recorded as the real one.

use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};

use super::environment::Variables;
use super::normalise::replace_path;

/// Directories as Cargo spells them, with their real places.
#[derive(Debug, Default)]
pub struct Links(Vec<(String, String)>);

impl Links {
    /// Of these directories, those that are not real places.
    pub fn of<'a>(dirs: impl IntoIterator<Item = &'a Utf8Path>) -> Self {
        let link = |dir: &Utf8Path| {
            let real = real(dir)?;
            // A link to something below itself cannot be told from its own target.
            (real != dir && !real.starts_with(dir)).then(|| (dir.to_string(), real.to_string()))
        };
        Self(dirs.into_iter().filter_map(link).collect())
    }

    /// `text` with real places.
    pub fn resolve(&self, text: &str) -> String {
        let start = text.to_owned();
        self.0.iter().fold(start, |text, (link, real)| replace_path(&text, link, real))
    }
}

/// The directory that a process was started in, as Cargo spells it where that is the package's own.
pub fn started_in(cwd: &Utf8Path, env: &Variables) -> Utf8PathBuf {
    let package = env.get("CARGO_MANIFEST_DIR").map(Utf8Path::new);
    match package.filter(|dir| real(dir).is_some_and(|real| real == cwd)) {
        Some(package) => package.to_owned(),
        None => cwd.to_owned(),
    }
}

fn real(dir: &Utf8Path) -> Option<Utf8PathBuf> {
    Utf8PathBuf::try_from(Path::new(dir).canonicalize().ok()?).ok()
}
