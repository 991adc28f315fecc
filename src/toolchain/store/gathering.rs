//! What is put into the tree, whoever asks for it.

use std::collections::BTreeSet;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use super::elf::{self, Kind, OWN};
use super::error::StoreError;
use super::paths::{is_shared, linker_script, mirrored, relative};
use super::programs::{NEEDED, RUNTIME, WELCOME};
use super::tree::{Entry, Part, Tree};
use crate::files::reader;
use crate::toolchain::search::on_path;

/// A tree that is being filled.
pub struct Gathering {
    /// The C compiler.
    pub cc: Utf8PathBuf,
    /// The loader that it names in programs.
    pub loader: Utf8PathBuf,
    /// What there is so far.
    pub tree: Tree,
}

/// What a file holds.
pub fn bytes(path: &Utf8Path) -> Result<Vec<u8>, StoreError> {
    reader::bytes_within(path, 1 << 30).map_err(|error| StoreError::Io {
        what: "read",
        path: path.to_owned(),
        source: std::io::Error::other(error),
    })
}

/// The file behind links.
pub fn real(path: &Utf8Path) -> Result<Utf8PathBuf, StoreError> {
    path.canonicalize_utf8().map_err(|source| StoreError::Io {
        what: "find",
        path: path.to_owned(),
        source,
    })
}

impl Gathering {
    /// What the C compiler says of itself.
    pub fn said(&self, args: &[&str]) -> String {
        let output = Command::new(&self.cc).args(args).env("LC_ALL", "C").output();
        output.map_or_else(
            |_| String::new(),
            |output| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                text(&output.stdout) + &text(&output.stderr)
            },
        )
    }

    /// The file that the C compiler means by a name, if there is one.
    pub fn named(&self, name: &str) -> Option<Utf8PathBuf> {
        let said = self.said(&[&format!("-print-file-name={name}")]);
        let path = Utf8PathBuf::from(said.trim());
        (path.is_absolute() && path.exists()).then_some(path)
    }

    /// The libraries that programs need when they run.
    pub fn runtime(&mut self, libraries: &[String]) -> Result<(), StoreError> {
        let loader = self.loader.clone();
        let name = loader.file_name().unwrap_or_default().to_owned();
        self.shared(&name, &loader)?;
        self.tree.loader = name;
        for name in RUNTIME {
            if let Some(file) = self.named(name) {
                self.shared(name, &file)?;
            }
        }
        // Linkers' scripts name the loader, too, and are read where the C library is.
        if let Some(libc) = self.named("libc.so.6") {
            let at = mirrored(&libc).with_file_name(&self.tree.loader);
            self.tree.put(Part::Tools, at, Entry::ToLib(self.tree.loader.clone()));
        }
        for library in libraries {
            let missing = || StoreError::NoLibrary { name: library.clone() };
            let linked = self.named(&format!("lib{library}.so"));
            let Some(file) = linked else {
                self.named(&format!("lib{library}.a")).ok_or_else(missing)?;
                continue;
            };
            let file = real(&file)?;
            let Some(name) = elf::soname(&file, &bytes(&file)?)? else { continue };
            for (other, at) in elf::needed(&loader, &file)? {
                self.shared(&other, &at)?;
            }
            self.shared(&name, &file)?;
        }
        Ok(())
    }

    /// A library of the part that programs need, and a link where it lies on this machine: linkers' scripts
    /// name that place.
    pub fn shared(&mut self, name: &str, file: &Utf8Path) -> Result<(), StoreError> {
        self.tree.put(Part::Lib, format!("lib/{name}"), Entry::Library(real(file)?));
        let beside = file.with_file_name(name);
        self.tree.put(Part::Tools, mirrored(&beside), Entry::ToLib(name.to_owned()));
        Ok(())
    }

    /// Whether a library is one that programs need.
    pub fn is_runtime(&self, name: &str) -> bool {
        self.tree.has(Part::Lib, Utf8Path::new(&format!("lib/{name}")))
    }

    /// A program with the libraries that it needs, or a script, or a file.
    pub fn place(&mut self, at: &Utf8Path, from: &Utf8Path) -> Result<(), StoreError> {
        let entry = match Kind::of(from, &bytes(from)?)? {
            Kind::Program(_) => {
                self.libraries_of(from)?;
                Entry::Program(from.to_owned())
            }
            Kind::Library => {
                self.libraries_of(from)?;
                Entry::Library(from.to_owned())
            }
            Kind::Script => Entry::Script(from.to_owned()),
            Kind::Static | Kind::Data => Entry::Copy(from.to_owned()),
        };
        self.tree.put(Part::Tools, at, entry);
        Ok(())
    }

    pub fn libraries_of(&mut self, program: &Utf8Path) -> Result<(), StoreError> {
        for (name, file) in elf::needed(&self.loader, program)? {
            let is_rust = self.tree.has(Part::Tools, &Utf8Path::new("rust/lib").join(&name));
            if !self.is_runtime(&name) && !is_rust {
                self.tree.put(Part::Tools, format!("{OWN}/{name}"), Entry::Library(real(&file)?));
            }
        }
        Ok(())
    }

    /// A file that compilers and linkers read. A shared library is in it if programs may need it, too.
    pub fn for_linking(&mut self, path: &Utf8Path) -> Result<(), StoreError> {
        if !path.is_file() {
            return Ok(());
        }
        let (at, file) = (mirrored(path), real(path)?);
        if is_shared(path.file_name().unwrap_or_default()) {
            let content = bytes(&file)?;
            let kind = Kind::of(&file, &content)?;
            if kind == Kind::Data {
                let text = linker_script(&String::from_utf8_lossy(&content));
                self.tree.put(Part::Tools, at, Entry::Text(text));
                return Ok(());
            }
            if kind == Kind::Library {
                let name = elf::soname(&file, &content)?.unwrap_or_default();
                if self.is_runtime(&name) {
                    self.tree.put(Part::Tools, at, Entry::ToLib(name));
                }
                return Ok(());
            }
        }
        self.tree.put(Part::Tools, at, Entry::Copy(file));
        Ok(())
    }

    /// Programs by name: each file once, with links.
    pub fn programs(&mut self, further: &[String]) -> Result<(), StoreError> {
        let bin = Utf8Path::new("usr/bin");
        let asked = further.iter().map(|name| (name.as_str(), true));
        let needed = NEEDED.iter().map(|name| (*name, true));
        let welcome = WELCOME.iter().map(|name| (*name, false));
        let mut files = BTreeSet::new();
        for (name, must) in needed.chain(welcome).chain(asked) {
            let Some(link) = on_path(name).filter(|_| !name.contains('/')) else {
                if must {
                    return Err(StoreError::NoProgram { name: name.to_owned() });
                }
                continue;
            };
            let file = real(&link)?;
            let at = bin.join(name);
            let place = match file.starts_with("/usr") {
                true => mirrored(&file),
                false => bin.join(file.file_name().unwrap_or(name)),
            };
            if files.insert(file.clone()) {
                self.place(&place, &file)?;
            }
            if at != place {
                self.tree.put(Part::Tools, at.clone(), Entry::Link(relative(&at, &place)));
            }
        }
        Ok(())
    }

    /// The directories that a machine has at its top.
    pub fn top(&mut self) {
        self.tree.put(Part::Tools, "bin", Entry::Link("usr/bin".into()));
        for name in ["lib", "lib32", "lib64"] {
            let dir = Utf8Path::new("/").join(name);
            if let (true, Ok(target)) = (dir.is_symlink(), dir.canonicalize_utf8())
                && let Ok(target) = target.strip_prefix("/")
            {
                self.tree.put(Part::Tools, name, Entry::Link(target.to_owned()));
            }
        }
    }
}
