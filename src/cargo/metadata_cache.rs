//! What `cargo metadata` said of packages that cannot change, kept between runs.
//!
//! Cargo's two calls, for packages and for units, wait for each other's lock of the package cache: side by side they take
//! nearly the sum of both. The workspace's own packages alone (`--no-deps`) cost a tenth of that and no lock. The others come from
//! registries and commits, and of one of those Cargo always says the same. So what it said of them is kept in the user's
//! cache directory, one file for each workspace and set of flags, with all that decides which packages they are:
//!
//! - Cargo's version and the arguments of the call;
//! - the workspace's root, its members, and the text of their manifests and of the root's;
//! - `Cargo.lock`, which names each package's source and checksum.
//!
//! Nothing is kept where a package lies that somebody may edit: a path package that is no member, a vendored one. A source that the
//! configuration replaces, and a `cfg` that flags set, are in no file of these: [`covers`] compares with the units, which
//! Cargo works out anew each time, and the whole call is made where something does not fit.
//!
//! `CARGO_CACHE_RUSTC_INFO=0` switches it off, with [`super::probe_cache`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::metadata::{Metadata, RawPackage};
use super::options::Options;
use super::unit_graph::UnitGraph;
use super::versions::Cargo;
use crate::files::{reader, writer};
use crate::nix::digest;

/// How many workspaces are kept. Beyond that the one goes that was not written for the longest time.
const MOST: usize = 64;

/// Where the packages of one workspace are kept.
#[derive(Debug)]
pub struct MetadataCache {
    file: Utf8PathBuf,
    /// All that decides which packages they are.
    key: String,
    /// Directories of packages that cannot change.
    homes: [Utf8PathBuf; 2],
}

#[derive(Deserialize)]
struct Kept {
    key: String,
    packages: Vec<RawPackage>,
}

#[derive(Serialize)]
struct Keep<'a> {
    key: &'a str,
    packages: Vec<&'a RawValue>,
}

/// Cargo's answer, its packages as they stand there.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    packages: Vec<&'a RawValue>,
}

impl MetadataCache {
    /// The place for a workspace, of which `own` are the members, and `args` the arguments of the call; none where nothing may be kept
    /// or something cannot be read.
    #[must_use]
    pub fn of(options: &Options, own: &Metadata, args: &[String]) -> Option<Self> {
        let dir = options.answers.dir()?.with_file_name("packages");
        let home = super::home()?;
        let root = &own.workspace_root;
        let cargo = Cargo::said(&options.cargo, &options.dir, &options.answers).ok()?;
        let place = format!("{root}\n{home}\n{}\n", args.join("\n"));
        let mut key = format!("{cargo}\n{place}");
        let mut file = |path: &Utf8Path| {
            let text = reader::bytes(path).ok()?;
            writeln!(key, "{path} {}", digest::hex(&text)).ok()
        };
        file(&root.join("Cargo.lock"))?;
        file(&root.join("Cargo.toml"))?;
        for package in &own.packages {
            file(&package.manifest_path)?;
        }
        Some(Self {
            file: dir.join(format!("{}.json", digest::hex16(&place))),
            key: digest::hex(key.as_bytes()),
            homes: [home.join("registry/src"), home.join("git/checkouts")],
        })
    }

    /// The whole answer: `own`, and the packages that are kept for it, if they are.
    #[must_use]
    pub fn with(&self, mut own: Metadata) -> Option<Metadata> {
        let kept: Kept = serde_json::from_slice(&reader::bytes(&self.file).ok()?).ok()?;
        if kept.key != self.key {
            return None;
        }
        own.add(kept.packages);
        Some(own)
    }

    /// Keeps what `json`, the whole answer, says of the packages that are not the workspace's own, if none of them can change. What
    /// goes wrong costs the next time, and nothing else.
    pub fn keep(&self, metadata: &Metadata, json: &[u8]) {
        let members: BTreeSet<&String> = metadata.workspace_members.iter().collect();
        let is_member = |package: &RawPackage| members.contains(&package.id);
        let mut others = metadata.packages.iter().filter(|package| !is_member(package));
        if !others.all(|package| self.is_fixed(package)) {
            return;
        }
        let Ok(Answer { packages }) = serde_json::from_slice(json) else { return };
        let is_other = |text: &&RawValue| {
            let package: Result<RawPackage, _> = serde_json::from_str(text.get());
            package.is_ok_and(|package| !is_member(&package))
        };
        let packages = packages.into_iter().filter(is_other).collect();
        let Ok(text) = serde_json::to_string(&Keep { key: &self.key, packages }) else { return };
        // Written whole: another run may be reading it.
        if writer::replace(&self.file, &text).is_ok() {
            self.forget_the_oldest();
        }
    }

    fn is_fixed(&self, package: &RawPackage) -> bool {
        let lies_in = |home: &Utf8PathBuf| package.manifest_path.starts_with(home);
        package.source.is_some() && self.homes.iter().any(lies_in)
    }

    fn forget_the_oldest(&self) {
        let Some(dir) = self.file.parent() else { return };
        let Ok(entries) = dir.read_dir_utf8() else { return };
        let mut files: Vec<_> = entries
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.into_path())))
            .filter(|(_, path)| path.extension() == Some("json"))
            .collect();
        files.sort();
        for (_, path) in files.iter().take(files.len().saturating_sub(MOST)) {
            writer::remove_within(dir, path);
        }
    }
}

/// Whether `metadata` has the package of each unit, in the directory where Cargo finds the unit's source.
#[must_use]
pub fn covers(metadata: &Metadata, graphs: &[UnitGraph]) -> bool {
    let dirs: BTreeMap<&str, Option<&Utf8Path>> = metadata
        .packages
        .iter()
        .map(|package| (package.id.as_str(), package.manifest_path.parent()))
        .collect();
    graphs.iter().flat_map(|graph| &graph.units).all(|unit| {
        let dir = dirs.get(unit.pkg_id.as_str()).copied().flatten();
        // A path package's source may lie anywhere, and Cargo was asked for it just now.
        let is_path = unit.pkg_id.starts_with("path+");
        dir.is_some_and(|dir| is_path || Utf8Path::new(&unit.target.src_path).starts_with(dir))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::{Utf8Path, Utf8PathBuf};

    use super::super::metadata;
    use super::{MOST, MetadataCache};

    #[test]
    fn no_more_than_so_many_workspaces_are_kept() {
        let place = tempfile::tempdir().expect("a directory");
        let dir = Utf8Path::from_path(place.path()).expect("a path in UTF-8");
        let json = br#"{"version":1,"packages":[],"workspace_members":[],"workspace_root":"/w","target_directory":"/w/t"}"#;
        let metadata = metadata::parse(json).expect("an answer");
        for number in 0..MOST + 3 {
            let cache = MetadataCache {
                file: dir.join(format!("{number}.json")),
                key: String::new(),
                homes: [Utf8PathBuf::new(), Utf8PathBuf::new()],
            };
            cache.keep(&metadata, json);
        }
        assert_eq!(fs::read_dir(dir).expect("files").count(), MOST);
        assert!(dir.join(format!("{}.json", MOST + 2)).exists());
    }
}
