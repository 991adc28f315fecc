//! What users want of a package: programs and C libraries, by the names that they know.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::facts::Facts;
use crate::failure::Failure;
use crate::here::read_crate;
use crate::json::Value;
use crate::sources;
use crate::target::{CrateType, Kind, Mode};

/// A step whose files are wanted.
#[derive(Clone)]
struct Root {
    path: PathBuf,
    name: String,
    kind: Kind,
    mode: Mode,
    target: String,
    crate_types: Vec<CrateType>,
    files: BTreeMap<String, String>,
}

impl Root {
    fn read(mut facts: Facts) -> Result<Self, String> {
        let kind = Kind::parse(&facts.needed("kind")?)?;
        let types = facts.texts("crateTypes")?;
        let types =
            types.iter().map(|word| CrateType::parse(word)).collect::<Result<Vec<_>, _>>()?;
        let root = Self {
            path: PathBuf::from(facts.needed("path")?),
            name: facts.needed("name")?,
            mode: Mode::parse(&facts.text("mode")?)?,
            target: facts.needed("target")?,
            crate_types: if types.is_empty() { vec![kind.usual_type()] } else { types },
            files: facts.table("files")?,
            kind,
        };
        facts.done()?;
        Ok(root)
    }

    fn file(&self, kind: CrateType, name: &str) -> Option<String> {
        let pattern = self.files.get(kind.as_str()).map_or(kind.usual_file(), String::as_str);
        (!pattern.is_empty()).then(|| pattern.replace("NAME", name))
    }

    /// Its files below an output of users'.
    fn names(&self) -> Vec<(String, Made)> {
        let program = self.file(CrateType::Bin, &self.target).unwrap_or_default();
        let plain: String =
            self.name.chars().map(|c| if ":~ /@!".contains(c) { '-' } else { c }).collect();
        let is_library = self.kind.is_lib()
            || (self.kind == Kind::Example && !self.crate_types.contains(&CrateType::Bin));
        let made = Made::Program(program.clone());
        match self.mode {
            // What is only checked leaves its metadata.
            Mode::Check | Mode::CheckTest => {
                vec![(format!("checked/{plain}.rmeta"), Made::Metadata)]
            }
            Mode::Test => vec![(format!("tests/{plain}"), made)],
            Mode::Build if is_library => {
                let directory = if self.kind.is_lib() { "lib" } else { "examples" };
                let name = self.target.replace('-', "_");
                let known = |kind: &CrateType| {
                    Some((
                        format!("{directory}/{}", self.file(*kind, &name)?),
                        Made::Library(*kind),
                    ))
                };
                self.crate_types.iter().filter_map(known).collect()
            }
            // Cargo, too, has a place of their own for examples: one may be called as a program is.
            Mode::Build if self.kind == Kind::Example => {
                vec![(format!("examples/{program}"), made)]
            }
            Mode::Build => vec![(format!("bin/{program}"), made)],
        }
    }

    /// Where one of its files is.
    fn find(&self, made: &Made) -> Result<PathBuf, Failure> {
        let directory = self.path.join(if self.kind.is_lib() { "lib" } else { "bin" });
        match made {
            Made::Program(name) => Ok(self.path.join("bin").join(name)),
            Made::Metadata => first_file(&directory),
            Made::Library(kind) => {
                let note = read_crate(&self.path.to_string_lossy())?;
                let file = note.files.get(kind.as_str());
                let missing = || Failure::new(format!("{} made no {}", self.name, kind.as_str()));
                Ok(directory.join(file.ok_or_else(missing)?))
            }
        }
    }
}

/// What a step made.
enum Made {
    Program(String),
    Library(CrateType),
    Metadata,
}

fn first_file(directory: &Path) -> Result<PathBuf, Failure> {
    let found = directory.read_dir().ok().and_then(|mut entries| entries.next()?.ok());
    let missing = || Failure::new(format!("there is nothing in {}", directory.display()));
    Ok(found.ok_or_else(missing)?.path())
}

/// What an output for users holds: each file's name in it, with what it is.
fn contents(mut facts: Facts) -> Result<BTreeMap<String, (Root, Made)>, String> {
    let mut contents = BTreeMap::new();
    for root in facts.list("roots")? {
        let root = Root::read(root)?;
        contents.extend(root.names().into_iter().map(|(name, made)| (name, (root.clone(), made))));
    }
    facts.texts("also")?;
    facts.done()?;
    // Crates for rustc are what a user wants only where there is nothing else.
    let is_crate = |name: &String| name.ends_with(".rlib") || name.ends_with(".rmeta");
    if !contents.keys().all(is_crate) {
        contents.retain(|name, _| !is_crate(name));
    }
    Ok(contents)
}

/// The names of the files that an output for users will hold, by its facts.
///
/// # Errors
/// A fact that is missing, unknown, or of another kind.
pub fn names(facts: Value) -> Result<Vec<String>, String> {
    let mut facts = Facts::new("collect", facts)?;
    facts.text("action")?;
    Ok(contents(facts)?.into_keys().collect())
}

/// A package's files by the names users know.
pub(crate) fn collect(facts: Facts, out: &Path) -> Result<(), Failure> {
    let contents = contents(facts)?;
    fs::create_dir_all(out).map_err(|error| Failure::new(error.to_string()))?;
    for (name, (root, made)) in contents {
        let file = root.find(&made)?;
        let to = out.join(&name);
        let failed = |error| Failure::new(format!("cannot copy {}: {error}", file.display()));
        fs::create_dir_all(to.parent().unwrap_or(out)).map_err(failed)?;
        // Copies, not links: a program may look for its files beside itself.
        sources::copy(&file, &to).map_err(failed)?;
    }
    Ok(())
}

/// A package's programs, each behind the command that runs them on this machine.
pub(crate) fn runners(mut facts: Facts, out: &Path) -> Result<(), Failure> {
    let runner = facts.texts("runner")?;
    let shell = facts.needed("shell")?;
    let programs = facts.table("programs")?;
    facts.done()?;
    let bin = out.join("bin");
    let failed =
        |error: std::io::Error| Failure::new(format!("cannot write {}: {error}", bin.display()));
    fs::create_dir_all(&bin).map_err(failed)?;
    let quoted = |word: &String| format!("'{}'", word.replace('\'', r"'\''"));
    for (name, program) in programs {
        let words: Vec<String> = runner.iter().chain([&program]).map(quoted).collect();
        let script = bin.join(name);
        fs::write(&script, format!("#!{shell}\nexec {} \"$@\"\n", words.join(" ")))
            .map_err(failed)?;
        fs::set_permissions(&script, Permissions::from_mode(0o755)).map_err(failed)?;
    }
    Ok(())
}
