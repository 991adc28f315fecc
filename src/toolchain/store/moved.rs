//! The toolchain that the tree is, once it lies in the store.

use std::collections::BTreeMap;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use super::paths::mirrored;
use super::place::Place;
use crate::toolchain::host::HostToolchain;
use crate::toolchain::is_other_architecture;

/// The targets that the tree can link for: this machine's, and those that need no C compiler of their own.
pub fn targets(host: &HostToolchain) -> Vec<String> {
    let is_linked = |name: &&String| {
        crate::model::Triple::new(name.as_str())
            .is_ok_and(|triple| !is_other_architecture(&triple, &host.host))
    };
    host.targets.iter().filter(is_linked).cloned().collect()
}

/// The toolchain that the tree is, at its place in the store.
#[must_use]
pub fn moved(host: &HostToolchain, place: &Place) -> HostToolchain {
    let tools = Utf8Path::new(&place.tools);
    let mut env = BTreeMap::new();
    let libraries = host.links.get("cc").and_then(|cc| {
        let said = Command::new(cc).arg("-print-file-name=crt1.o").output().ok()?;
        let crt = Utf8PathBuf::from(String::from_utf8_lossy(&said.stdout).trim());
        Some(tools.join(mirrored(&crt)).parent()?.join("pkgconfig"))
    });
    if let Some(libraries) = libraries {
        let share = tools.join("usr/share/pkgconfig");
        env.insert("PKG_CONFIG_LIBDIR".to_owned(), format!("{libraries}:{share}"));
        env.insert("PKG_CONFIG_SYSROOT_DIR".to_owned(), tools.to_string());
    }
    HostToolchain {
        sysroot: tools.join("rust"),
        rustc: tools.join("rust/bin/rustc"),
        rustdoc: tools.join("rust/bin/rustdoc"),
        cargo: tools.join("rust/bin/cargo"),
        shell: tools.join("bin/bash"),
        path: vec![tools.join("bin")],
        links: BTreeMap::new(),
        linkers: BTreeMap::new(),
        target_env: BTreeMap::from([(host.host.clone(), env)]),
        runners: BTreeMap::new(),
        targets: targets(host).into_iter().collect(),
        compiler_seals: BTreeMap::new(),
        linker_seals: BTreeMap::new(),
        foreign: BTreeMap::new(),
        sandbox_paths: Vec::new(),
        ..host.clone()
    }
}
