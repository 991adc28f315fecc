//! The roots of a package's targets, as far as they decide what its steps see.

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

use super::package_tree::PackageTree;

/// The roots of targets of one kind.
#[derive(Debug, Default)]
pub struct Roots {
    /// Those whose modules must be followed: they lie outside, or among what is not seen.
    pub whole: BTreeSet<Utf8PathBuf>,
    /// Directories that are seen because a root lies in them.
    pub dirs: BTreeSet<Utf8PathBuf>,
    /// Directories below the package that a root lies in.
    pub homes: BTreeSet<Utf8PathBuf>,
}

impl Roots {
    /// Adds one; `seen` are directories at the top that these targets see.
    pub fn add(&mut self, tree: &PackageTree<'_>, root: Utf8PathBuf, seen: &[&str]) {
        match root.parent() {
            Some(parent) if parent != tree.dir && parent.starts_with(tree.dir) => {
                self.homes.insert(parent.to_owned());
                if tree.is_extra(&root, seen) {
                    self.dirs.insert(parent.to_owned());
                }
            }
            _ => {
                self.whole.insert(root);
            }
        }
    }
}
