//! What lies in a source tree and is no source: no step sees it, and no fresh clone has it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

use super::git_runs::VERSION_CONTROL;

/// The rule of docs/files.md, "What no step sees".
#[derive(Debug)]
pub struct Hidden {
    root: Utf8PathBuf,
    /// The plan's file.
    plan: Utf8PathBuf,
    known: RefCell<BTreeMap<Utf8PathBuf, bool>>,
}

impl Hidden {
    /// For the workspace at `root`, whose plan is the file `plan`.
    #[must_use]
    pub fn new(root: &Utf8Path, plan: &Utf8Path) -> Self {
        Self { root: root.to_owned(), plan: root.join(plan), known: RefCell::default() }
    }

    /// Whether a path, or a directory that it lies in, is hidden.
    #[must_use]
    pub fn hides(&self, path: &Utf8Path) -> bool {
        if let Some(known) = self.known.borrow().get(path) {
            return *known;
        }
        let hidden = path.ancestors().take_while(|above| !self.root.starts_with(above)).any(|at| {
            let name = at.file_name().unwrap_or_default();
            let is_link = || at.is_symlink() && (name == "result" || name.starts_with("result-"));
            VERSION_CONTROL.contains(&name)
                || at == self.root.join("target")
                || at.join("CACHEDIR.TAG").exists()
                || is_link()
                || self.is_of_plan(at)
        }) || self.is_ignored(path);
        self.known.borrow_mut().insert(path.to_owned(), hidden);
        hidden
    }

    fn is_of_plan(&self, path: &Utf8Path) -> bool {
        let Some(dir) = self.plan.parent().filter(|dir| *dir != self.root) else { return false };
        path == dir || (path.parent() == Some(dir) && path.extension() == Some("nix"))
    }

    /// Git's own word; it fails where there is none.
    fn is_ignored(&self, path: &Utf8Path) -> bool {
        let asked = Command::new("git")
            .arg("-C")
            .arg(&self.root)
            .args(["-c", "core.excludesFile=", "check-ignore", "--quiet", "--"])
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        asked.is_ok_and(|status| status.success())
    }
}
