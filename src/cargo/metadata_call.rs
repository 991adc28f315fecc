//! The call of `cargo metadata`.

use std::time::SystemTime;

use super::error::CargoError;
use super::machines::Machines;
use super::metadata::{self, Metadata};
use super::metadata_cache::MetadataCache;
use super::options::Options;
use super::probe::Rustc;
use super::process;
use super::selection::Selection;
use super::settings::Reader;
use super::versions::Cargo;

/// The call, for one workspace and what is selected of it.
#[derive(Debug)]
pub struct MetadataCall<'a> {
    options: &'a Options,
    args: Vec<String>,
    rustc: &'a Rustc,
    machines: &'a Machines,
    reader: &'a Reader,
}

impl<'a> MetadataCall<'a> {
    /// The call for `machines`, with Cargo's configuration.
    #[must_use]
    pub fn new(
        options: &'a Options,
        selection: &Selection,
        rustc: &'a Rustc,
        machines: &'a Machines,
        reader: &'a Reader,
    ) -> Self {
        let args = selection.metadata_args(&machines.hosts);
        Self { options, args, rustc, machines, reader }
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
        let began = SystemTime::now();
        let json = self.run(&[])?;
        let metadata = metadata::parse(&json)?;
        if let Some(cache) = self.cache() {
            cache.keep(&metadata, &json, began);
        }
        Ok(metadata)
    }

    fn cache(&self) -> Option<MetadataCache> {
        let answers = &self.options.answers;
        let cargo = Cargo::said(&self.options.cargo, &self.options.dir, answers).ok()?;
        let decides = [&cargo, &self.rustc.verbose_version, &self.reader.state()];
        MetadataCache::new(self.options, &self.args, &decides)
    }

    fn run(&self, more: &[&str]) -> Result<Vec<u8>, CargoError> {
        let mut command = self.options.command();
        command.args(["metadata", "--format-version=1"]).args(more).args(&self.args);
        if let Some(shim) = &self.machines.shim {
            let bootstrap = self.reader.bootstrap();
            shim.play(&mut command, &self.options.rustc, &self.rustc.host, bootstrap.as_deref());
        }
        self.options.name_manifest(&mut command);
        process::output(command)
    }
}
