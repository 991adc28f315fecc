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

use std::collections::BTreeMap;
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
    /// The place for a workspace and for `args`, the arguments of the call; none where nothing may be kept.
    #[must_use]
    pub fn new(options: &Options, args: &[String]) -> Option<Self> {
        let dir = options.answers.dir()?.with_file_name("packages");
        let home = super::home()?;
        let cargo = Cargo::said(&options.cargo, &options.dir, &options.answers).ok()?;
        let manifest = options.manifest_path.as_deref().unwrap_or(Utf8Path::new(""));
        let place = format!("{}\n{manifest}\n{home}\n{}\n", options.place(), args.join("\n"));
        let file = dir.join(format!("{}.json", digest::hex16(&place)));
        Some(Self { file, call: format!("{cargo}\n{place}"), home })
    }

    /// What is kept there, of whatever state of the workspace.
    #[must_use]
    pub fn kept(self) -> Option<KeptPackages> {
        let kept = serde_json::from_slice(&reader::bytes(&self.file).ok()?).ok()?;
        Some(KeptPackages { cache: self, kept })
    }

    /// Keeps what `json`, the whole answer, says of the packages that are not the workspace's own, if none of them can change. What
    /// goes wrong costs the next time, and nothing else.
    pub fn keep(&self, metadata: &Metadata, json: &[u8]) {
        let others = metadata.packages.iter().filter(|package| !metadata.has_member(package));
        let others: BTreeMap<&str, &RawPackage> =
            others.map(|package| (package.id.as_str(), package)).collect();
        if !others.values().all(|package| self.is_fixed(package)) {
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
        let root = &metadata.workspace_root;
        let mut key = format!("{}{root}\n", self.call);
        let mut file = |path: &Utf8Path| {
            let text = reader::bytes(path).ok()?;
            writeln!(key, "{path} {}", digest::hex(&text)).ok()
        };
        file(&root.join("Cargo.lock"))?;
        file(&root.join("Cargo.toml"))?;
        for package in metadata.packages.iter().filter(|package| metadata.has_member(package)) {
            file(&package.manifest_path)?;
        }
        Some(digest::hex(key.as_bytes()))
    }

    fn is_fixed(&self, package: &RawPackage) -> bool {
        let lies_in = |dir: &str| package.manifest_path.starts_with(self.home.join(dir));
        package.source.is_some() && ["registry/src", "git/checkouts"].into_iter().any(lies_in)
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

    use camino::{Utf8Path, Utf8PathBuf};

    use super::super::metadata;
    use super::{MOST, MetadataCache};

    #[test]
    fn no_more_than_so_many_workspaces_are_kept() {
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
        for number in 0..MOST + 3 {
            let cache = MetadataCache {
                file: dir.join(format!("{number}.json")),
                call: String::new(),
                home: Utf8PathBuf::new(),
            };
            cache.keep(&metadata, json.as_bytes());
        }
        assert_eq!(fs::read_dir(&dir).expect("files").count(), MOST);
        assert!(dir.join(format!("{}.json", MOST + 2)).exists());
    }
}
