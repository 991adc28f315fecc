//! `Cargo.lock`: checksums of registry packages and commits of git ones.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde::Deserialize;

use super::error::CargoError;
use super::git_source::GitSource;

/// What the lock says about one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The source as `cargo metadata` has it, without the commit: `registry+...`,
    /// `git+url?branch=x`.
    pub source: String,
    /// The SHA-256 of the `.crate` file.
    pub checksum: Option<String>,
    /// The commit of a git source.
    pub rev: Option<String>,
}

/// The lock, by name and version.
#[derive(Debug, Default)]
pub struct Lock {
    packages: BTreeMap<(String, String), Vec<Locked>>,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    version: Option<u32>,
    #[serde(default)]
    package: Vec<RawPackage>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RawPackage {
    name: String,
    version: String,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    checksum: Option<String>,
}

impl Lock {
    /// Parses `text`, the content of the lock at `path`; formats 1 to 4.
    ///
    /// # Errors
    /// [`CargoError::Toml`] with the span, or [`CargoError::Answer`] for a newer format.
    pub fn parse(path: &Utf8Path, text: &str) -> Result<Self, CargoError> {
        let raw: Raw =
            toml::from_str(text).map_err(|error| CargoError::toml(path, text, &error))?;
        if let Some(version @ 5..) = raw.version {
            return Err(CargoError::Answer {
                command: path.to_string(),
                reason: format!("lock format {version} (1 to 4 are known)"),
            });
        }
        let mut packages: BTreeMap<_, Vec<Locked>> = BTreeMap::new();
        for package in raw.package {
            let Some(source) = package.source else { continue };
            let is_encoded = raw.version.is_some_and(|version| version >= 4);
            let (source, rev) = split(&source, is_encoded);
            // Formats 1 and 2 keep checksums in a table of their own.
            let old_key = format!("checksum {} {} ({source})", package.name, package.version);
            let checksum = package.checksum.or_else(|| raw.metadata.get(&old_key).cloned());
            packages.entry((package.name, package.version)).or_default().push(Locked {
                source,
                checksum,
                rev,
            });
        }
        Ok(Self { packages })
    }

    /// The entry of a package by its name, version and source as `cargo metadata` spells it.
    #[must_use]
    pub fn find(&self, name: &str, version: &str, source: &str) -> Option<&Locked> {
        let entries = self.packages.get(&(name.to_owned(), version.to_owned()))?;
        let (source, _) = split(source, false);
        entries.iter().find(|entry| entry.source == source).or_else(|| {
            // A sparse index and its git form name the same registry.
            entries.iter().find(|entry| entries.len() == 1 && entry.checksum.is_some())
        })
    }
}

/// A source without its commit, and the commit.
fn split(source: &str, is_encoded: bool) -> (String, Option<String>) {
    if !source.starts_with("git+") {
        return (source.to_owned(), None);
    }
    let git = GitSource::parse(source);
    let commit = git.commit.map(str::to_owned);
    match (is_encoded, &commit) {
        (true, _) => (git.decoded(), commit),
        (false, Some(rev)) => (source[..source.len() - rev.len() - 1].to_owned(), commit),
        (false, None) => (source.to_owned(), None),
    }
}
