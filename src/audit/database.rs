//! A database in RustSec's layout: `crates/PACKAGE/ID.md`. What it says of the compiler and its library (`rust/`)
//! is not read: a plan holds neither.

use camino::{Utf8Path, Utf8PathBuf};

use super::advisory::Advisory;
use super::error::AuditError;
use crate::files::reader;

/// A database.
#[derive(Debug)]
pub struct Database {
    crates: Utf8PathBuf,
}

impl Database {
    /// Opens the one in `dir`.
    ///
    /// # Errors
    /// It is none.
    pub fn open(dir: &Utf8Path) -> Result<Self, AuditError> {
        let crates = dir.join("crates");
        match crates.is_dir() {
            true => Ok(Self { crates }),
            false => Err(AuditError::NoDatabase(dir.to_owned())),
        }
    }

    /// What it has on a package, in the order of the names; with the files.
    ///
    /// # Errors
    /// A file that cannot be read, or is no advisory on this package.
    pub fn on(&self, package: &str) -> Result<Vec<(Utf8PathBuf, Advisory)>, AuditError> {
        let dir = self.crates.join(package);
        if !dir.is_dir() {
            return Ok(Vec::new());
        }
        let failed = |source| AuditError::Directory { dir: dir.clone(), source };
        let mut files = Vec::new();
        for entry in dir.read_dir_utf8().map_err(failed)? {
            files.push(entry.map_err(failed)?.into_path());
        }
        files.retain(|file| file.extension() == Some("md"));
        files.sort();
        files.into_iter().map(|file| Ok((file.clone(), one(&file, package)?))).collect()
    }
}

fn one(file: &Utf8Path, package: &str) -> Result<Advisory, AuditError> {
    let wrong = |reason: String| AuditError::Advisory { file: file.to_owned(), reason };
    let advisory = Advisory::parse(&reader::text(file)?).map_err(wrong)?;
    let facts = &advisory.facts;
    if facts.package != package {
        return Err(wrong(format!("it is about `{}`, and lies with `{package}`", facts.package)));
    }
    if file.file_stem() != Some(facts.id.as_str()) {
        return Err(wrong(format!("it calls itself `{}`", facts.id)));
    }
    Ok(advisory)
}
