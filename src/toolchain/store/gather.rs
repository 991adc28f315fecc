//! Decides what the tree holds.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use super::elf::{self, Kind, OWN};
use super::error::StoreError;
use super::owner;
use super::place::Place;
use super::programs::{NEEDED, OTHER_LANGUAGES, RUNTIME, WELCOME};
use super::tree::{Entry, Part, Tree};
use crate::files::reader;
use crate::toolchain::host::HostToolchain;
use crate::toolchain::is_other_architecture;
use crate::toolchain::search::on_path;

/// What the tree is made of.
pub struct Asked<'a> {
    /// What is here.
    pub host: &'a HostToolchain,
    /// C libraries that crates link, as a linker names them: `z`.
    pub libraries: &'a [String],
    /// Further programs.
    pub programs: &'a [String],
}

/// The tree, for a toolchain that will lie at `place`.
///
/// # Errors
/// [`StoreError`] for what is missing here.
pub fn gather(asked: &Asked<'_>, place: &Place) -> Result<Tree, StoreError> {
    let host = asked.host;
    let cc = host.links.get("cc").cloned().unwrap_or_default();
    for path in [&cc, &host.rustc] {
        if path.starts_with("/nix/store") {
            return Err(StoreError::InStore { path: path.clone() });
        }
    }
    let Kind::Program(loader) = Kind::of(&cc, &bytes(&cc)?)? else {
        return Err(StoreError::NoGcc { cc });
    };
    let mut gathering = Gathering { cc, loader, tree: Tree::default() };
    gathering.runtime(asked.libraries)?;
    gathering.c_compiler(place)?;
    gathering.headers_and_objects(asked.libraries)?;
    gathering.rust(host)?;
    gathering.programs(asked.programs)?;
    gathering.top();
    Ok(gathering.tree)
}

struct Gathering {
    cc: Utf8PathBuf,
    loader: Utf8PathBuf,
    tree: Tree,
}

fn bytes(path: &Utf8Path) -> Result<Vec<u8>, StoreError> {
    reader::bytes_within(path, 1 << 30).map_err(|error| StoreError::Io {
        what: "read",
        path: path.to_owned(),
        source: std::io::Error::other(error),
    })
}

fn real(path: &Utf8Path) -> Result<Utf8PathBuf, StoreError> {
    path.canonicalize_utf8().map_err(|source| StoreError::Io {
        what: "find",
        path: path.to_owned(),
        source,
    })
}

/// Where a file of this machine lies in the tree: at the same path, with `/lib` in `/usr` where it is.
fn mirrored(path: &Utf8Path) -> Utf8PathBuf {
    let dir = path.parent().and_then(|dir| dir.canonicalize_utf8().ok());
    let name = path.file_name().unwrap_or_default();
    let whole = dir.map_or_else(|| path.to_owned(), |dir| dir.join(name));
    whole.strip_prefix("/").map_or_else(|_| whole.clone(), Utf8Path::to_owned)
}

/// The way from the directory of `from` to `to`, both in one tree.
fn relative(from: &Utf8Path, to: &Utf8Path) -> Utf8PathBuf {
    let ups = from.components().count().saturating_sub(1);
    let mut way = Utf8PathBuf::from("../".repeat(ups).trim_end_matches('/'));
    way.push(to);
    way
}

/// Whether a file is called as a shared library is: `libz.so`, `libz.so.1.2`.
fn is_shared(name: &str) -> bool {
    name.ends_with(".so") || name.contains(".so.")
}

/// A linker's script in the place of a library, with bare names for the paths of this machine: linkers look
/// for those where they found the script. Not all of them put a `--sysroot` before a path.
fn linker_script(text: &str) -> String {
    let bare = |word: &str| match word.rsplit_once('/') {
        Some((before, name))
            if word.starts_with('/') && !before.contains('*') && !name.contains('*') =>
        {
            name.to_owned()
        }
        _ => word.to_owned(),
    };
    let words = text.split_inclusive([' ', '\n', '\t', '(', ')', ',']);
    let mut written = String::new();
    for word in words {
        let end = word.trim_end_matches([' ', '\n', '\t', '(', ')', ',']).len();
        written.push_str(&bare(&word[..end]));
        written.push_str(&word[end..]);
    }
    written
}

impl Gathering {
    /// What the C compiler says of itself.
    fn said(&self, args: &[&str]) -> String {
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
    fn named(&self, name: &str) -> Option<Utf8PathBuf> {
        let said = self.said(&[&format!("-print-file-name={name}")]);
        let path = Utf8PathBuf::from(said.trim());
        (path.is_absolute() && path.exists()).then_some(path)
    }

    /// The libraries that programs need when they run.
    fn runtime(&mut self, libraries: &[String]) -> Result<(), StoreError> {
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
    fn shared(&mut self, name: &str, file: &Utf8Path) -> Result<(), StoreError> {
        self.tree.put(Part::Lib, format!("lib/{name}"), Entry::Library(real(file)?));
        let beside = file.with_file_name(name);
        self.tree.put(Part::Tools, mirrored(&beside), Entry::ToLib(name.to_owned()));
        Ok(())
    }

    /// Whether a library is one that programs need.
    fn is_runtime(&self, name: &str) -> bool {
        self.tree.has(Part::Lib, Utf8Path::new(&format!("lib/{name}")))
    }

    /// A program with the libraries that it needs, or a script, or a file.
    fn place(&mut self, at: &Utf8Path, from: &Utf8Path) -> Result<(), StoreError> {
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

    fn libraries_of(&mut self, program: &Utf8Path) -> Result<(), StoreError> {
        for (name, file) in elf::needed(&self.loader, program)? {
            let is_rust = self.tree.has(Part::Tools, &Utf8Path::new("rust/lib").join(&name));
            if !self.is_runtime(&name) && !is_rust {
                self.tree.put(Part::Tools, format!("{OWN}/{name}"), Entry::Library(real(&file)?));
            }
        }
        Ok(())
    }

    /// GCC's own directories, what it starts, and what it is told of where it lies.
    fn c_compiler(&mut self, place: &Place) -> Result<(), StoreError> {
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

    /// A file that compilers and linkers read. A shared library is in it if programs may need it, too.
    fn for_linking(&mut self, path: &Utf8Path) -> Result<(), StoreError> {
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

    /// Headers, the objects that every program begins with, and what belongs to the libraries.
    fn headers_and_objects(&mut self, libraries: &[String]) -> Result<(), StoreError> {
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

    /// rustc, rustdoc and cargo with their libraries, and the standard libraries.
    fn rust(&mut self, host: &HostToolchain) -> Result<(), StoreError> {
        let lib = Utf8Path::new("rust/lib");
        let bin = Utf8Path::new("rust/bin");
        for (name, program) in
            [("rustc", &host.rustc), ("rustdoc", &host.rustdoc), ("cargo", &host.cargo)]
        {
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

    /// Programs by name: each file once, with links.
    fn programs(&mut self, further: &[String]) -> Result<(), StoreError> {
        let bin = Utf8Path::new("usr/bin");
        let asked = further.iter().map(|name| (name.as_str(), true));
        let needed = NEEDED.iter().map(|name| (*name, true));
        let welcome = WELCOME.iter().map(|name| (*name, false));
        let mut files = BTreeSet::new();
        for (name, must) in needed.chain(welcome).chain(asked) {
            let Some(link) = on_path(name) else {
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
    fn top(&mut self) {
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

/// The targets that the tree can link for: this machine's, and those that need no C compiler of their own.
fn targets(host: &HostToolchain) -> Vec<String> {
    let is_linked = |name: &&String| {
        crate::model::Triple::new(name.as_str())
            .is_ok_and(|triple| !is_other_architecture(&triple, &host.host))
    };
    host.targets.iter().filter(is_linked).cloned().collect()
}

/// The toolchain that the tree is, at its place in the store.
#[must_use]
pub fn moved(host: &HostToolchain, place: &Place) -> HostToolchain {
    let tools = Utf8Path::new(&place.tools);
    let mut env = BTreeMap::new();
    let libraries = host.links.get("cc").and_then(|cc| {
        let said = Command::new(cc).arg("-print-file-name=crt1.o").output().ok()?;
        let crt = Utf8PathBuf::from(String::from_utf8_lossy(&said.stdout).trim());
        Some(tools.join(mirrored(&crt)).parent()?.join("pkgconfig"))
    });
    if let Some(libraries) = libraries {
        let share = tools.join("usr/share/pkgconfig");
        env.insert("PKG_CONFIG_LIBDIR".to_owned(), format!("{libraries}:{share}"));
        env.insert("PKG_CONFIG_SYSROOT_DIR".to_owned(), tools.to_string());
    }
    HostToolchain {
        sysroot: tools.join("rust"),
        rustc: tools.join("rust/bin/rustc"),
        rustdoc: tools.join("rust/bin/rustdoc"),
        cargo: tools.join("rust/bin/cargo"),
        shell: tools.join("bin/bash"),
        path: vec![tools.join("bin")],
        links: BTreeMap::new(),
        linkers: BTreeMap::new(),
        target_env: BTreeMap::from([(host.host.clone(), env)]),
        runners: BTreeMap::new(),
        targets: targets(host).into_iter().collect(),
        compiler_seals: BTreeMap::new(),
        linker_seals: BTreeMap::new(),
        sandbox_paths: Vec::new(),
        ..host.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linkers_scripts_name_no_place() {
        let script = "/* GNU ld script\n*/\nOUTPUT_FORMAT(elf64-x86-64)\n\
                      GROUP ( /lib/x86_64-linux-gnu/libc.so.6 /usr/lib/libc_nonshared.a  AS_NEEDED(/lib64/ld.so.2) )\n";
        let bare = "/* GNU ld script\n*/\nOUTPUT_FORMAT(elf64-x86-64)\n\
                    GROUP ( libc.so.6 libc_nonshared.a  AS_NEEDED(ld.so.2) )\n";
        assert_eq!(linker_script(script), bare);
        assert_eq!(linker_script("INPUT(-lncurses)"), "INPUT(-lncurses)");
    }

    #[test]
    fn ways_within_the_tree() {
        let way = relative(Utf8Path::new("usr/lib/gcc/12/as"), Utf8Path::new("usr/bin/as"));
        assert_eq!(way, "../../../../usr/bin/as");
        assert_eq!(relative(Utf8Path::new("bin"), Utf8Path::new("usr/bin")), "usr/bin");
    }
}
