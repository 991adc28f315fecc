//! What `cargo metadata` said of packages that cannot change, kept between runs.
//!
//! Cargo's two calls, for packages and for units, wait for each other's lock of the package cache: side by side they take
//! nearly the sum of both. The workspace's own packages alone (`--no-deps`) cost a tenth of that and no lock. The others come from
//! registries and commits, and of one of those Cargo always says the same. So what it said of them is kept in the user's
//! cache directory, one file for each directory that Cargo is asked in and set of flags, with a digest of all that decides which
//! packages there are:
//!
//! - Cargo's version and the compiler's, the arguments of the call, Cargo's configuration, and the variables for both;
//! - the workspace's root, its members, and the text of their manifests and of the root's;
//! - `Cargo.lock`, which names each package's source and checksum.
//!
//! Nothing is kept where a package lies that somebody may edit: a path package that is no member, a vendored one. Where a package lies
//! may change without any of this; [`covers`] compares with the units, which Cargo works out anew each time, and the
//! whole call is made where something does not fit.
//!
//! `CARGO_CACHE_RUSTC_INFO=0` switches it off, with [`super::probe_cache`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::SystemTime;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::metadata::{Metadata, RawPackage};
use super::options::Options;
use super::unit_graph::UnitGraph;
use super::unpacked::is_unpacked;
use crate::files::{reader, writer};
use crate::nix::digest;

/// How many workspaces are kept. Beyond that the one goes that was not written for the longest time.
const MOST: usize = 64;

/// Where the packages of one workspace are kept.
#[derive(Debug)]
pub struct MetadataCache {
    file: Utf8PathBuf,
    /// What decides which packages they are, and is in no file of the workspace.
    call: String,
    home: Utf8PathBuf,
}

/// What was kept.
#[derive(Debug)]
pub struct KeptPackages {
    cache: MetadataCache,
    kept: Kept,
}

#[derive(Debug, Deserialize)]
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

/// Which package a text is of.
#[derive(Deserialize)]
struct Named {
    id: String,
}

impl MetadataCache {
    /// The place for a workspace and for `args`, the arguments of the call, which `decide` beside the workspace's files; none where
    /// nothing may be kept.
    #[must_use]
    pub fn new(options: &Options, args: &[String], decide: &[&String]) -> Option<Self> {
        let dir = options.answers.dir()?.with_file_name("packages");
        let home = super::home()?;
        let manifest = options.manifest_path.as_deref().unwrap_or(Utf8Path::new(""));
        let place = format!("{}\n{manifest}\n{home}\n{}\n", options.place(), args.join("\n"));
        let file = dir.join(format!("{}.json", digest::hex16(&place)));
        Some(Self { file, call: format!("{place}{decide:?}\n"), home })
    }

    /// What is kept there, of whatever state of the workspace.
    #[must_use]
    pub fn kept(self) -> Option<KeptPackages> {
        let kept = serde_json::from_slice(&reader::bytes(&self.file).ok()?).ok()?;
        Some(KeptPackages { cache: self, kept })
    }

    /// Keeps what `json`, the whole answer to a call that `began` then, says of the packages that are not the workspace's own, if none of
    /// them can change. What goes wrong costs the next time, and nothing else.
    pub fn keep(&self, metadata: &Metadata, json: &[u8], began: SystemTime) {
        let others = metadata.packages.iter().filter(|package| !metadata.has_member(package));
        let others: BTreeMap<&str, &RawPackage> =
            others.map(|package| (package.id.as_str(), package)).collect();
        let root = &metadata.workspace_root;
        if !others.values().all(|package| self.is_fixed(package, root) && is_unpacked(package)) {
            return;
        }
        // What was written meanwhile may be what Cargo read, or not.
        let is_older = |path: &Utf8Path| {
            path.metadata().and_then(|data| data.modified()).is_ok_and(|time| time < began)
        };
        if !self.files(metadata).iter().all(|path| is_older(path)) {
            return;
        }
        let Some(key) = self.key(metadata) else { return };
        let Ok(Answer { packages }) = serde_json::from_slice(json) else { return };
        let is_other = |text: &&RawValue| {
            let named: Result<Named, _> = serde_json::from_str(text.get());
            named.is_ok_and(|named| others.contains_key(named.id.as_str()))
        };
        let packages = packages.into_iter().filter(is_other).collect();
        let Ok(text) = serde_json::to_string(&Keep { key: &key, packages }) else { return };
        // Written whole: another run may be reading it.
        if writer::cache(&self.file, &text).is_ok() {
            self.forget_the_oldest();
        }
    }

    /// All that decides which packages there are beside the workspace's own, as a digest; none where a file cannot be read.
    fn key(&self, metadata: &Metadata) -> Option<String> {
        let mut key = format!("{}{}\n", self.call, metadata.workspace_root);
        for path in self.files(metadata) {
            let text = reader::bytes(&path).ok()?;
            writeln!(key, "{path} {}", digest::hex(&text)).ok()?;
        }
        Some(digest::hex(key.as_bytes()))
    }

    /// The workspace's files that decide.
    fn files(&self, metadata: &Metadata) -> Vec<Utf8PathBuf> {
        let members = metadata.packages.iter().filter(|package| metadata.has_member(package));
        let root = ["Cargo.lock", "Cargo.toml"].map(|name| metadata.workspace_root.join(name));
        root.into_iter().chain(members.map(|package| package.manifest_path.clone())).collect()
    }

    /// Whether a package of a registry or a commit lies with all its sources where Cargo puts those, and that is no part of the
    /// workspace.
    fn is_fixed(&self, package: &RawPackage, root: &Utf8Path) -> bool {
        let Some(dir) = package.manifest_path.parent() else { return false };
        let lies_in = |home: &str| dir.starts_with(self.home.join(home));
        let is_straight = |path: &Utf8Path| {
            path.starts_with(dir) && !path.components().any(|part| part == Utf8Component::ParentDir)
        };
        let place = |text: &str| text.split(['?', '#']).next().unwrap_or_default().to_owned();
        package.source.as_ref().is_some_and(|source| place(source) == place(&package.id))
            && ["registry/src", "git/checkouts"].into_iter().any(lies_in)
            && !dir.starts_with(root)
            && is_straight(&package.manifest_path)
            && package.targets.iter().all(|target| is_straight(&target.src_path))
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

impl KeptPackages {
    /// The whole answer: `own`, the workspace's packages, and those that are kept for just them.
    #[must_use]
    pub fn with(self, mut own: Metadata) -> Option<Metadata> {
        if self.cache.key(&own)? != self.kept.key {
            return None;
        }
        // What no answer of Cargo's has is none: a file may come from anywhere.
        let mut ids: BTreeSet<&str> =
            own.packages.iter().map(|package| package.id.as_str()).collect();
        let root = &own.workspace_root;
        let is_good = self
            .kept
            .packages
            .iter()
            .all(|package| self.cache.is_fixed(package, root) && ids.insert(&package.id));
        if !is_good {
            return None;
        }
        own.add(self.kept.packages);
        Some(own)
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
    use std::time::{Duration, SystemTime};

    use camino::{Utf8Path, Utf8PathBuf};

    use super::super::metadata;
    use super::{MOST, MetadataCache};

    /// Keeps an answer to a call that began so long from now, `files` times; how many are kept in the end.
    fn kept(files: usize, began: impl Fn(SystemTime) -> SystemTime) -> usize {
        let place = tempfile::tempdir().expect("a directory");
        let dir = Utf8Path::from_path(place.path()).expect("a path in UTF-8");
        let root = dir.join("workspace");
        fs::create_dir(&root).expect("a workspace");
        for name in ["Cargo.toml", "Cargo.lock"] {
            fs::write(root.join(name), "").expect("its files");
        }
        let json = format!(
            r#"{{"version":1,"packages":[],"workspace_members":[],"workspace_root":"{root}","target_directory":"/t"}}"#
        );
        let metadata = metadata::parse(json.as_bytes()).expect("an answer");
        let dir = dir.join("kept");
        for number in 0..files {
            let cache = MetadataCache {
                file: dir.join(format!("{number}.json")),
                call: String::new(),
                home: Utf8PathBuf::new(),
            };
            cache.keep(&metadata, json.as_bytes(), began(SystemTime::now()));
            let is_there = cache.file.exists();
            assert_eq!(cache.kept().is_some(), is_there);
        }
        fs::read_dir(dir).into_iter().flatten().count()
    }

    #[test]
    fn no_more_than_so_many_workspaces_are_kept() {
        assert_eq!(kept(MOST + 3, |now| now + Duration::from_secs(9)), MOST);
    }

    #[test]
    fn what_was_written_during_the_call_is_not_kept() {
        assert_eq!(kept(1, |now| now - Duration::from_secs(9)), 0);
    }
}
