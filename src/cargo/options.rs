//! Where to look for a workspace, and what to start for it.

use std::process::Command;

use camino::Utf8PathBuf;

use super::probe_cache::Answers;
use super::process;
use super::untrusted::Untrusted;

/// Where to look and what to start.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory to run Cargo in.
    pub dir: Utf8PathBuf,
    /// `--manifest-path`, where given.
    pub manifest_path: Option<Utf8PathBuf>,
    /// The `cargo` program.
    pub cargo: String,
    /// The `rustc` program.
    pub rustc: String,
    /// What rustc answered before.
    pub answers: Answers,
    /// What to keep from being executed, where the tree is not trusted.
    pub untrusted: Option<Untrusted>,
    /// The directory that paths count from, where that lies above the workspace's root (Cargo's
    /// `-Zroot-dir`).
    pub root: Option<Utf8PathBuf>,
}

impl Options {
    /// The directory of the manifest that Cargo starts with, absolute.
    pub(super) fn place(&self) -> Utf8PathBuf {
        let manifest = self.manifest_path.as_ref().map(|path| self.dir.join(path));
        let dir = manifest.as_ref().and_then(|path| path.parent()).unwrap_or(&self.dir);
        let real = dir.canonicalize_utf8();
        real.unwrap_or_else(|_| dir.to_owned())
    }

    /// A `cargo` command as it is planned with, with the environment that planning needs.
    ///
    /// A plan knows no wrapper, and asks its own compiler: empty variables overrule the configuration's
    /// wrappers, as one that is set does its compiler.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = process::program(&self.cargo, &self.dir);
        command.env("CARGO_TERM_COLOR", "never");
        command.env("RUSTC", &self.rustc).env("RUSTC_WRAPPER", "");
        command.env("RUSTC_WORKSPACE_WRAPPER", "").env("CARGO_INCREMENTAL", "0");
        if let Some(untrusted) = &self.untrusted {
            untrusted.apply(&mut command);
        }
        command
    }
    /// Tells `cargo` the manifest that was named.
    pub(super) fn name_manifest(&self, cargo: &mut Command) {
        if let Some(path) = &self.manifest_path {
            cargo.arg("--manifest-path").arg(path.as_str());
        }
    }
}
