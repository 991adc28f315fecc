//! The call of `cargo metadata`.

use super::error::CargoError;
use super::machines::Machines;
use super::metadata::{self, Metadata};
use super::metadata_cache::MetadataCache;
use super::options::Options;
use super::probe::Rustc;
use super::process;
use super::selection::Selection;

/// The call, for one workspace and what is selected of it.
#[derive(Debug)]
pub struct MetadataCall<'a> {
    options: &'a Options,
    args: Vec<String>,
    rustc: &'a Rustc,
    machines: &'a Machines,
    bootstrap: Option<&'a str>,
}

impl<'a> MetadataCall<'a> {
    /// The call for `machines`; `bootstrap` is what the user has of `RUSTC_BOOTSTRAP`.
    #[must_use]
    pub fn new(
        options: &'a Options,
        selection: &Selection,
        rustc: &'a Rustc,
        machines: &'a Machines,
        bootstrap: Option<&'a str>,
    ) -> Self {
        let args = selection.metadata_args(&machines.hosts);
        Self { options, args, rustc, machines, bootstrap }
    }

    /// The workspace's own packages as they are now, and the others as Cargo said them before
    /// ([`super::metadata_cache`]); none where that is not known. What fails here fails again in the whole call, which says why.
    pub fn known(&self) -> Option<Metadata> {
        let kept = self.cache()?.kept()?;
        kept.with(metadata::parse(&self.run(&["--no-deps"]).ok()?).ok()?)
    }

    /// Cargo's answer of now, whatever is known.
    ///
    /// # Errors
    /// Cargo's own refusal, or an answer that is not understood.
    pub fn whole(&self) -> Result<Metadata, CargoError> {
        let json = self.run(&[])?;
        let metadata = metadata::parse(&json)?;
        if let Some(cache) = self.cache() {
            cache.keep(&metadata, &json);
        }
        Ok(metadata)
    }

    fn cache(&self) -> Option<MetadataCache> {
        MetadataCache::new(self.options, &self.args)
    }

    fn run(&self, more: &[&str]) -> Result<Vec<u8>, CargoError> {
        let mut command = self.options.command();
        command.args(["metadata", "--format-version=1"]).args(more).args(&self.args);
        if let Some(shim) = &self.machines.shim {
            shim.play(&mut command, &self.options.rustc, &self.rustc.host, self.bootstrap);
        }
        self.options.name_manifest(&mut command);
        process::output(command)
    }
}
