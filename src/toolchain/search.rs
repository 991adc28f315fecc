//! Programs as PATH finds them.

use camino::Utf8PathBuf;

/// The first file called `program` in the directories of PATH, which may be a link.
#[must_use]
pub fn on_path(program: &str) -> Option<Utf8PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let candidates = std::env::split_paths(&path).map(|dir| dir.join(program));
    candidates.filter_map(|path| Utf8PathBuf::from_path_buf(path).ok()).find(|path| path.is_file())
}
