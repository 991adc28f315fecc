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

    /// Cargo's answer. The packages that are not the workspace's own may be of an earlier answer: see
    /// [`super::metadata_cache`].
    ///
    /// # Errors
    /// Cargo's own refusal, or an answer that is not understood.
    pub fn answer(&self) -> Result<Metadata, CargoError> {
        match self.cache() {
            Some((own, cache)) => match cache.with(own) {
                Some(metadata) => Ok(metadata),
                None => self.kept_by(Some(&cache)),
            },
            None => self.kept_by(None),
        }
    }

    /// Cargo's answer of now, whatever is known.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn whole(&self) -> Result<Metadata, CargoError> {
        self.kept_by(self.cache().map(|(_, cache)| cache).as_ref())
    }

    fn kept_by(&self, cache: Option<&MetadataCache>) -> Result<Metadata, CargoError> {
        let json = self.run(&[])?;
        let metadata = metadata::parse(&json)?;
        if let Some(cache) = cache {
            cache.keep(&metadata, &json);
        }
        Ok(metadata)
    }

    /// The workspace's own packages, and where the others are kept. What fails here fails again in the whole call, which
    /// says why.
    fn cache(&self) -> Option<(Metadata, MetadataCache)> {
        self.options.answers.dir()?;
        let own = metadata::parse(&self.run(&["--no-deps"]).ok()?).ok()?;
        let cache = MetadataCache::of(self.options, &own, &self.args)?;
        Some((own, cache))
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
