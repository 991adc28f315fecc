//! The C compiler, and what others are compiled and linked with.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::error::StoreError;
use super::gathering::{Gathering, real};
use super::owner;
use super::paths::{is_shared, mirrored, relative};
use super::place::Place;
use super::programs::OTHER_LANGUAGES;
use super::tree::{Entry, Part};

impl Gathering {
    /// GCC's own directories, what it starts, and what it is told of where it lies.
    pub fn c_compiler(&mut self, place: &Place) -> Result<(), StoreError> {
        let no_gcc = || StoreError::NoGcc { cc: self.cc.clone() };
        let said = self.said(&["-print-search-dirs"]);
        let own = said.lines().find_map(|line| line.strip_prefix("install: "));
        let own = real(Utf8Path::new(own.ok_or_else(no_gcc)?))?;
        let cc1 = Utf8PathBuf::from(self.said(&["-print-prog-name=cc1"]).trim());
        let programs = cc1.parent().filter(|_| cc1.is_file()).ok_or_else(no_gcc)?;
        for dir in BTreeSet::from([own.clone(), real(programs)?]) {
            self.directory(&dir)?;
            for name in ["as", "ld"] {
                let at = mirrored(&dir.join(name));
                let way = relative(&at, Utf8Path::new(&format!("usr/bin/{name}")));
                self.tree.put(Part::Tools, at, Entry::Link(way));
            }
        }
        let loader = self.loader.file_name().unwrap_or_default();
        let specs = format!(
            "*self_spec:\n+ %{{!-sysroot*:--sysroot={0}}}\n\n\
             *link:\n+ --sysroot={0} %{{!static:%{{!static-pie:%{{!shared:%{{!r:-dynamic-linker {1}/lib/{loader}}}}} \
             %{{!r:-rpath {1}/lib --disable-new-dtags}}}}}}\n\n",
            place.tools, place.lib
        );
        self.tree.put(Part::Tools, mirrored(&own.join("specs")), Entry::Text(specs));
        Ok(())
    }

    /// All of a directory of GCC's that is for C and C++.
    fn directory(&mut self, dir: &Utf8Path) -> Result<(), StoreError> {
        let listed = dir.read_dir_utf8().map_err(|source| StoreError::Io {
            what: "list",
            path: dir.to_owned(),
            source,
        })?;
        for entry in listed.flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if OTHER_LANGUAGES.contains(&name) || name == "32" || name == "x32" {
                continue;
            }
            if path.is_dir() {
                self.directory(path)?;
            } else if path.is_symlink() || is_shared(name) && name != "liblto_plugin.so" {
                self.for_linking(path)?;
            } else if path.is_file() {
                let has_libraries = path.extension().is_none() || name == "liblto_plugin.so";
                match has_libraries {
                    true => self.place(&mirrored(path), path)?,
                    false => {
                        let entry = Entry::Copy(path.to_owned());
                        self.tree.put(Part::Tools, mirrored(path), entry);
                    }
                }
            }
        }
        Ok(())
    }

    /// Headers, the objects that every program begins with, and what belongs to the libraries.
    pub fn headers_and_objects(&mut self, libraries: &[String]) -> Result<(), StoreError> {
        let said = self.said(&["-xc++", "-E", "-v", "/dev/null"]);
        let dirs = said.lines().skip_while(|line| !line.starts_with("#include <...>")).skip(1);
        let dirs = dirs.take_while(|line| line.starts_with(' '));
        let dirs: Vec<Utf8PathBuf> = dirs.filter_map(|dir| real(dir.trim().into()).ok()).collect();
        for header in ["stdio.h", "linux/limits.h", "crypt.h", "vector"] {
            let Some(dir) = dirs.iter().find(|dir| dir.join(header).is_file()) else { continue };
            match owner::with(&dir.join(header)) {
                Some(files) => self.all_of(&files)?,
                None => self.below(dir)?,
            }
        }
        for object in ["crt1.o", "Scrt1.o", "rcrt1.o", "gcrt1.o", "crti.o", "crtn.o"] {
            self.belongings(object)?;
        }
        for library in ["c", "c_nonshared", "m", "mvec", "pthread", "dl", "rt", "util", "resolv"] {
            self.belongings(&format!("lib{library}.so"))?;
            self.belongings(&format!("lib{library}.a"))?;
        }
        for library in libraries {
            self.belongings(&format!("lib{library}.so"))?;
            self.belongings(&format!("lib{library}.a"))?;
        }
        Ok(())
    }

    /// A file by the C compiler's name for it, with those of its package.
    fn belongings(&mut self, name: &str) -> Result<(), StoreError> {
        let Some(file) = self.named(name) else { return Ok(()) };
        let place = Utf8Path::new("/").join(mirrored(&file));
        if self.tree.has(Part::Tools, &mirrored(&file)) {
            return Ok(());
        }
        match owner::with(&place) {
            Some(files) => self.all_of(&files),
            None => self.for_linking(&file),
        }
    }

    /// Of a package's files those that are read when others are compiled and linked.
    fn all_of(&mut self, files: &BTreeSet<Utf8PathBuf>) -> Result<(), StoreError> {
        let dirs = ["/usr/include", "/usr/lib", "/usr/lib64", "/usr/share/pkgconfig"];
        for file in files {
            if dirs.iter().any(|dir| file.starts_with(dir)) && file.is_file() {
                self.for_linking(file)?;
            }
        }
        Ok(())
    }

    /// All files below a directory.
    fn below(&mut self, dir: &Utf8Path) -> Result<(), StoreError> {
        for entry in dir.read_dir_utf8().into_iter().flatten().flatten() {
            match entry.path().is_dir() {
                true => self.below(entry.path())?,
                false => self.for_linking(entry.path())?,
            }
        }
        Ok(())
    }
}
