//! Paths by their text alone.

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// `path` without `.` and `..`, by its text alone.
#[must_use]
pub fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut result = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir
                if result.components().next_back().is_some_and(|last| {
                    !matches!(last, Utf8Component::ParentDir | Utf8Component::RootDir)
                }) =>
            {
                result.pop();
            }
            other => result.push(other.as_str()),
        }
    }
    result
}

/// `path` relative to `root`, with `..` where it lies outside.
#[must_use]
pub fn relative(root: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    let mut up = Utf8PathBuf::new();
    for ancestor in root.ancestors() {
        if let Ok(rest) = path.strip_prefix(ancestor) {
            return up.join(rest).components().collect();
        }
        up.push("..");
    }
    path.to_owned()
}
