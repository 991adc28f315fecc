//! Where registries keep their `.crate` files, from their own configuration in Cargo's home.
//!
//! A plan names a registry, never a URL: this is read when the toolchain is rendered, which is a
//! file of one machine.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;

use crate::files::reader;
use crate::model::source::DEFAULT_REGISTRY;

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

/// The registries in `cargo_home`: those that `known` names by their folders, and the default one.
#[must_use]
pub fn read(cargo_home: &Utf8Path, known: &BTreeMap<String, String>) -> BTreeMap<String, Registry> {
    let mut found = BTreeMap::new();
    let index = cargo_home.join("registry/index");
    let mut folders: Vec<String> = index
        .read_dir_utf8()
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_owned()).collect())
        .unwrap_or_default();
    folders.sort();
    for folder in folders {
        let Some(name) = known.get(&folder).cloned().or_else(|| default(&folder)) else {
            continue;
        };
        let dl = config_json(&index.join(&folder))
            .and_then(|text| Some(serde_json::from_str::<ConfigJson>(&text).ok()?.dl));
        let cache = cargo_home.join("registry/cache").join(&folder);
        let registry = Registry { dl, cache: cache.is_dir().then_some(cache) };
        // The folder that this workspace's crates came from wins; and a sparse index over the same
        // registry's older git index, which has no such file.
        let better = known.contains_key(&folder)
            || found.get(&name).is_none_or(|old: &Registry| old.dl.is_none());
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

/// The default registry, if `folder` is one of its: Cargo names it `HOST-DIGITS`, 16 hexadecimal ones.
fn default(folder: &str) -> Option<String> {
    let (host, digest) = folder.rsplit_once('-')?;
    if digest.len() != 16 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (host.ends_with("crates.io") || host == "github.com").then(|| DEFAULT_REGISTRY.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(folders: &[(&str, &str)]) -> tempfile::TempDir {
        let home = tempfile::tempdir().expect("a temporary directory");
        for (folder, dl) in folders {
            let index = home.path().join("registry/index").join(folder);
            std::fs::create_dir_all(&index).expect("a writable folder");
            let text = format!("{{\"dl\": \"{dl}\", \"api\": null}}");
            std::fs::write(index.join("config.json"), text).expect("a writable folder");
        }
        home
    }

    #[test]
    fn a_host_may_serve_many() {
        let home = home(&[
            ("packages.example-0123456789abcdef", "https://a/{crate}"),
            ("packages.example-1123456789abcdef", "https://b/{crate}"),
            ("packages.example-2123456789abcdef", "https://other-project"),
        ]);
        let known =
            [("0", "corp-a"), ("1", "sparse+https://packages.example/b/")].map(|(digit, name)| {
                (format!("packages.example-{digit}123456789abcdef"), name.to_owned())
            });
        let dir = Utf8Path::from_path(home.path()).expect("Unicode");
        let found = read(dir, &known.into());
        let dl = |name: &str| found[name].dl.clone().unwrap_or_default();
        assert_eq!(found.len(), 2);
        assert_eq!(dl("corp-a"), "https://a/{crate}");
        assert_eq!(dl("sparse+https://packages.example/b/"), "https://b/{crate}");
    }
}
