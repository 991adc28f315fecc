//! Where registries keep their `.crate` files, from their own configuration in Cargo's home.
//!
//! A plan names a registry, never a URL: this is read when the toolchain is rendered, which is a
//! file of one machine.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use crate::files::reader;

/// One registry as Cargo's home knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    /// The `dl` key of its `config.json`, with its markers, where Cargo has fetched it.
    pub dl: Option<String>,
    /// Cargo's folder of downloaded `.crate` files.
    pub cache: Option<Utf8PathBuf>,
}

#[derive(Deserialize)]
struct ConfigJson {
    dl: String,
}

/// The registries in `cargo_home`: the default one as `crates-io`, others by the name that
/// `named` (index URL to name) gives them.
#[must_use]
pub fn read(cargo_home: &Utf8Path, named: &BTreeMap<String, String>) -> BTreeMap<String, Registry> {
    let mut found = BTreeMap::new();
    let index = cargo_home.join("registry/index");
    let mut folders: Vec<String> = index
        .read_dir_utf8()
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_owned()).collect())
        .unwrap_or_default();
    folders.sort();
    for folder in folders {
        let Some(name) = name_of(&folder, named) else { continue };
        let dl = config_json(&index.join(&folder))
            .and_then(|text| Some(serde_json::from_str::<ConfigJson>(&text).ok()?.dl));
        let cache = cargo_home.join("registry/cache").join(&folder);
        let registry = Registry { dl, cache: cache.is_dir().then_some(cache) };
        // A sparse index wins over the same registry's older git index, which has no such file.
        let better = found.get(&name).is_none_or(|old: &Registry| old.dl.is_none());
        if better {
            found.insert(name, registry);
        }
    }
    found
}

/// The registry's `config.json`: a file beside a sparse index, a blob in a git one.
fn config_json(index: &Utf8Path) -> Option<String> {
    if let Ok(text) = reader::text(index.join("config.json")) {
        return Some(text);
    }
    // Cargo keeps what it fetched under a name of its own and checks nothing out.
    ["refs/remotes/origin/HEAD", "FETCH_HEAD"].iter().find_map(|revision| {
        let output = Command::new("git")
            .args(["--git-dir", &git_dir(index)?, "show", &format!("{revision}:config.json")])
            .stderr(Stdio::null())
            .output()
            .ok()?;
        output.status.success().then(|| String::from_utf8(output.stdout).ok()).flatten()
    })
}

fn git_dir(index: &Utf8Path) -> Option<String> {
    let candidates = [index.join(".git"), index.to_owned()];
    candidates.into_iter().find(|dir| dir.join("HEAD").is_file()).map(Utf8PathBuf::into_string)
}

/// Cargo names a registry's folder `<host>-<16 hexadecimal digits>`.
fn name_of(folder: &str, named: &BTreeMap<String, String>) -> Option<String> {
    let (host, digest) = folder.rsplit_once('-')?;
    if digest.len() != 16 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let host_of = |url: &str| -> Option<String> {
        let rest = url.split_once("://")?.1;
        let authority = rest.split(['/', '?']).next()?;
        Some(authority.rsplit('@').next()?.split(':').next()?.to_owned())
    };
    let by_name = named.iter().find(|(url, _)| host_of(url).as_deref() == Some(host));
    match by_name {
        Some((_, name)) => Some(name.clone()),
        None if host.ends_with("crates.io") || host == "github.com" => Some("crates-io".to_owned()),
        None => None,
    }
}
