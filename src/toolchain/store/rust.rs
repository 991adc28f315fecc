//! The Rust compiler and its libraries.

use camino::Utf8Path;

use super::elf::{self, OWN};
use super::error::StoreError;
use super::gathering::{Gathering, real};
use super::moved::targets;
use super::paths::relative;
use super::tree::{Entry, Part};
use crate::toolchain::host::HostToolchain;

/// The compiler's tools that checks call beside it. Not every machine has them.
const TOOLS: [&str; 2] = ["clippy-driver", "rustfmt"];

impl Gathering {
    /// rustc, rustdoc and cargo with their libraries, the tools beside rustc, and the standard libraries.
    pub fn rust(&mut self, host: &HostToolchain) -> Result<(), StoreError> {
        let lib = Utf8Path::new("rust/lib");
        let bin = Utf8Path::new("rust/bin");
        let own = [("rustc", &host.rustc), ("rustdoc", &host.rustdoc), ("cargo", &host.cargo)];
        let tools = TOOLS.map(|name| (name, host.rustc.with_file_name(name)));
        let tools = tools.iter().filter(|(_, program)| program.is_file());
        let tools = tools.map(|(name, program)| (*name, program));
        for (name, program) in own.into_iter().chain(tools) {
            for (library, file) in elf::needed(&self.loader, program)? {
                let own = ["librustc_driver", "libLLVM", "libstd-", "libtest-"];
                let at = lib.join(&library);
                let entry = if own.iter().any(|own| library.starts_with(own)) {
                    Entry::Copy(real(&file)?)
                } else if self.is_runtime(&library) {
                    // Rust's own libraries look for others beside themselves.
                    Entry::ToLib(library)
                } else {
                    self.tree.put(
                        Part::Tools,
                        format!("{OWN}/{library}"),
                        Entry::Library(real(&file)?),
                    );
                    Entry::Link(relative(&at, &Utf8Path::new(OWN).join(&library)))
                };
                self.tree.put(Part::Tools, at, entry);
            }
            self.place(&bin.join(name), program)?;
        }
        let rustlib = host.sysroot.join("lib/rustlib");
        for target in targets(host) {
            for part in ["lib", "bin"] {
                let dir = rustlib.join(&target).join(part);
                self.copied(&dir, &lib.join("rustlib").join(&target).join(part))?;
            }
        }
        Ok(())
    }

    /// All of a directory at another place; programs are made to run there.
    fn copied(&mut self, dir: &Utf8Path, at: &Utf8Path) -> Result<(), StoreError> {
        for entry in dir.read_dir_utf8().into_iter().flatten().flatten() {
            let (path, at) = (entry.path(), at.join(entry.file_name()));
            if path.is_dir() {
                self.copied(path, &at)?;
            } else if path.extension().is_none_or(|extension| extension == "lld") {
                self.place(&at, &real(path)?)?;
            } else if path.is_file() {
                self.tree.put(Part::Tools, at, Entry::Copy(real(path)?));
            }
        }
        Ok(())
    }
}
