//! What a step is built with, and whether it is what the derivation's hash names.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::facts::Facts;
use crate::failure::Failure;
use crate::json::Value;

/// The programs of a toolchain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tools {
    /// The compiler.
    pub rustc: PathBuf,
    /// rustdoc, which build scripts may ask for.
    pub rustdoc: String,
    /// Cargo, likewise.
    pub cargo: String,
    /// Directories of programs.
    pub path: Vec<String>,
    /// Variables for C compilers and the like.
    pub env: BTreeMap<String, String>,
    /// Where compiled macros find the compiler's libraries.
    pub library_path: String,
    /// What the toolchain's provider says of the compiler.
    pub fingerprint: Vec<String>,
    /// What rustc and its libraries must be: seals by path.
    pub compiler_seals: BTreeMap<String, String>,
    /// The same of the C compiler and linker.
    pub linker_seals: BTreeMap<String, String>,
}

impl Tools {
    /// Reads the file that [`keep`] made.
    pub(crate) fn load(file: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(file)
            .map_err(|error| Failure::new(format!("cannot read {}: {error}", file.display())))?;
        Ok(Self::read(Facts::new("tools", Value::parse(&text)?)?)?)
    }

    fn read(mut facts: Facts) -> Result<Self, String> {
        let tools = Self {
            rustc: PathBuf::from(facts.needed("rustc")?),
            rustdoc: facts.text("rustdoc")?,
            cargo: facts.text("cargo")?,
            path: facts.texts("path")?,
            env: facts.table("env")?,
            library_path: facts.text("libraryPath")?,
            fingerprint: facts.texts("fingerprint")?,
            compiler_seals: facts.table("compilerSeals")?,
            linker_seals: facts.table("linkerSeals")?,
        };
        facts.done()?;
        Ok(tools)
    }

    /// PATH: what an override adds, the toolchain's own programs, and the rest. A script or a test that starts
    /// `rustc`, `rustdoc` or `cargo` by name finds under Cargo those that build it, and a machine may have others.
    #[must_use]
    pub fn search_path(&self, added: &[String]) -> OsString {
        let programs = [&self.rustc, Path::new(&self.rustdoc), Path::new(&self.cargo)];
        let own = programs.into_iter().filter_map(|program| program.parent()?.to_str());
        let own = own.filter(|dir| !dir.is_empty() && !self.path.iter().any(|known| known == dir));
        let mut dirs: Vec<&str> = Vec::new();
        for dir in
            added.iter().map(String::as_str).chain(own).chain(self.path.iter().map(String::as_str))
        {
            if !dirs.contains(&dir) {
                dirs.push(dir);
            }
        }
        OsString::from(dirs.join(":"))
    }

    /// Holds that rustc, the linker and their libraries are those that the hash names: a builder may
    /// have another compiler at the same path.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        for (path, wanted) in self.compiler_seals.iter().chain(&self.linker_seals) {
            let found = seal(Path::new(path)).unwrap_or_else(|error| error.to_string());
            if found != *wanted {
                return Err(Failure::new(format!("{path} is not the one that this plan's toolchain names"))
                    .with(format!("named: {wanted}"))
                    .with(format!("found: {found}"))
                    .with("The toolchain was rendered for another compiler, linker or standard library than this machine has.")
                    .with("Render it here again (`rbn-plan toolchain host`), or give this machine the one that is named."));
            }
        }
        Ok(())
    }
}

/// Writes the facts of a toolchain down, for the steps that are built with it.
pub(crate) fn keep(mut facts: Facts, out: &Path) -> Result<(), Failure> {
    let of = facts.value("of");
    facts.done()?;
    let text = of.write();
    Tools::read(Facts::new("tools", of)?)?;
    fs::write(out, text)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", out.display())))
}

/// How much of a file's beginning a seal knows: of an ELF file the notes with its build id.
const BEGINNING: u64 = 4096;

/// A few words that tell one compiler, linker or library from another, and cost next to nothing: of a
/// file its size and a digest of its beginning, of a directory a digest of the names and sizes in it.
///
/// # Errors
/// The file cannot be read.
pub fn seal(path: &Path) -> io::Result<String> {
    let data = fs::metadata(path)?;
    if data.is_dir() {
        let mut entries = Vec::new();
        for entry in path.read_dir()? {
            let entry = entry?;
            let size = fs::metadata(entry.path())
                .map_or(0, |data| if data.is_dir() { 0 } else { data.size() });
            entries.push(format!("{} {size}", entry.file_name().to_string_lossy()));
        }
        entries.sort();
        return Ok(format!("{} entries, {}", entries.len(), short(entries.join("\n").as_bytes())));
    }
    let mut beginning = Vec::new();
    File::open(path)?.take(BEGINNING).read_to_end(&mut beginning)?;
    Ok(format!("{} bytes, {}", data.size(), short(&beginning)))
}

/// FNV-1a: a seal has to tell things apart, not to withstand anybody.
fn short(bytes: &[u8]) -> String {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix))
}

#[cfg(test)]
mod tests {
    use super::Tools;

    fn path(rustc: &str, cargo: &str, added: &[&str]) -> String {
        let tools = Tools {
            rustc: rustc.into(),
            rustdoc: rustc.replace("rustc", "rustdoc"),
            cargo: cargo.to_owned(),
            path: vec!["/usr/local/bin".to_owned(), "/usr/bin".to_owned()],
            ..Tools::default()
        };
        let added: Vec<String> = added.iter().map(|&dir| dir.to_owned()).collect();
        tools.search_path(&added).into_string().expect("text")
    }

    #[test]
    fn the_toolchains_own_programs_come_before_the_machines() {
        let all = path("/rust/bin/rustc", "/cargo/bin/cargo", &["/protoc/bin"]);
        assert_eq!(all, "/protoc/bin:/rust/bin:/cargo/bin:/usr/local/bin:/usr/bin");
        assert_eq!(path("/usr/bin/rustc", "", &[]), "/usr/local/bin:/usr/bin");
        let again = path("/rust/bin/rustc", "/rust/bin/cargo", &["/rust/bin"]);
        assert_eq!(again, "/rust/bin:/usr/local/bin:/usr/bin");
    }
}
