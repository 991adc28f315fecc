//! Assembling a toolchain: files of steps and of other toolchains, each at the place where rustc looks.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::facts::Facts;
use crate::failure::Failure;

/// Files that are wanted of a directory, and where they go.
struct Part {
    /// A file, or the directory of the files.
    from: PathBuf,
    /// The place in the output: a directory, or with `as` a file.
    at: PathBuf,
    /// How the names of the wanted files may begin; none: all.
    begins: Vec<String>,
    /// How they may end; none: all.
    ends: Vec<String>,
    /// How they do not begin.
    not: Vec<String>,
    /// Whether debug information goes.
    strip: bool,
    /// Links instead of copies.
    link: bool,
}

impl Part {
    fn read(mut facts: Facts) -> Result<Self, String> {
        let part = Self {
            from: PathBuf::from(facts.needed("from")?),
            at: PathBuf::from(facts.needed("at")?),
            begins: facts.texts("begins")?,
            ends: facts.texts("ends")?,
            not: facts.texts("not")?,
            strip: facts.flag("strip")?,
            link: facts.flag("link")?,
        };
        facts.done()?;
        Ok(part)
    }

    fn wants(&self, name: &str) -> bool {
        let any = |list: &[String], is: &dyn Fn(&str) -> bool| list.iter().any(|text| is(text));
        (self.begins.is_empty() || any(&self.begins, &|text| name.starts_with(text)))
            && (self.ends.is_empty() || any(&self.ends, &|text| name.ends_with(text)))
            && !any(&self.not, &|text| name.starts_with(text))
    }
}

/// Puts all parts into the output. A part of which there is nothing is refused: a toolchain without it
/// would fail far from here.
pub(crate) fn assemble(mut facts: Facts, out: &Path) -> Result<(), Failure> {
    let path = facts.texts("path")?;
    let strip = path.iter().map(|dir| Path::new(dir).join("strip")).find(|file| file.exists());
    let library_path = facts.text("libraryPath")?;
    let parts = facts.list("parts")?.into_iter().map(Part::read);
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let texts = facts.table("texts")?;
    facts.done()?;
    if strip.is_none() && parts.iter().any(|part| part.strip) {
        return Err(Failure::new("the toolchain has no `strip`")
            .with("Its `path` names the directories of programs: add the one of binutils."));
    }
    for part in &parts {
        let mut found = Vec::new();
        if part.from.is_dir() {
            let into = out.join(&part.at);
            let entries = part.from.read_dir().map_err(|e| cannot("read", &part.from, &e))?;
            for entry in entries {
                let entry = entry.map_err(|e| cannot("read", &part.from, &e))?;
                let name = entry.file_name();
                if part.wants(&name.to_string_lossy()) {
                    found.push((entry.path(), into.join(name)));
                }
            }
        } else if part.from.exists() {
            found.push((part.from.clone(), out.join(&part.at)));
        }
        if found.is_empty() {
            let from = part.from.display();
            return Err(Failure::new(format!("{from} has nothing for {}", part.at.display()))
                .with(
                    "The toolchain or the step that it is taken from is not what the plan expects.",
                ));
        }
        found.sort();
        for (from, to) in found {
            place(part, &from, &to, strip.as_deref(), &library_path)?;
        }
    }
    for (at, text) in texts {
        let to = out.join(at);
        make_parent(&to)?;
        fs::write(&to, text).map_err(|e| cannot("write", &to, &e))?;
        if to.parent().is_some_and(|dir| dir.ends_with("bin")) {
            let _ = fs::set_permissions(&to, Permissions::from_mode(0o755));
        }
    }
    Ok(())
}

fn place(
    part: &Part,
    from: &Path,
    to: &Path,
    strip: Option<&Path>,
    path: &str,
) -> Result<(), Failure> {
    make_parent(to)?;
    if part.link {
        return symlink(from, to).map_err(|e| cannot("link", to, &e));
    }
    if from.is_dir() {
        for entry in from.read_dir().map_err(|e| cannot("read", from, &e))? {
            let entry = entry.map_err(|e| cannot("read", from, &e))?;
            place(part, &entry.path(), &to.join(entry.file_name()), strip, path)?;
        }
        return Ok(());
    }
    fs::copy(from, to).map_err(|e| cannot("copy", to, &e))?;
    let Some(strip) = strip.filter(|_| part.strip) else { return Ok(()) };
    let _ = fs::set_permissions(to, Permissions::from_mode(0o755));
    let mut command = Command::new(strip);
    command.arg("--strip-debug").arg(to).env("LD_LIBRARY_PATH", path);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("strip of {} ended with {status}", to.display()))),
        Err(error) => Err(cannot("start", strip, &error)),
    }
}

fn make_parent(path: &Path) -> Result<(), Failure> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).map_err(|e| cannot("make", parent, &e))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot {what} {}: {error}", path.display()))
}
