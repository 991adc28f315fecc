//! What the compiler, the linker and their libraries on this machine are, in words that a builder can
//! check again: a derivation's hash names them, and another machine may have others at the same paths.
//!
//! What is sealed costs a step some thousandths of a second. The libraries in `/usr` that crates link
//! besides the C library are not: which ones there are is known to nobody before a link.

use std::collections::BTreeMap;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use rbn_builder::tools::seal;

use crate::model::Triple;

/// Seals by path.
pub type Seals = BTreeMap<Utf8PathBuf, String>;

fn add(seals: &mut Seals, path: &Utf8Path) {
    if let Ok(real) = path.canonicalize_utf8()
        // What lies in the store is named by its hash.
        && !real.starts_with("/nix/store")
        && let Ok(seal) = seal(real.as_std_path())
    {
        seals.insert(real, seal);
    }
}

/// Of rustc: the program and its libraries.
pub(super) fn compiler(rustc: &Utf8Path, sysroot: &Utf8Path) -> Seals {
    let mut seals = Seals::new();
    add(&mut seals, rustc);
    let lib = sysroot.join("lib");
    // Debian keeps them below the directory of the machine.
    let dirs = lib.read_dir_utf8().into_iter().flatten().flatten();
    let below = dirs.filter(|entry| entry.file_name().ends_with("-linux-gnu"));
    let dirs = std::iter::once(lib.clone()).chain(below.map(|entry| entry.path().to_owned()));
    for entry in dirs.filter_map(|dir| dir.read_dir_utf8().ok()).flatten().flatten() {
        let name = entry.file_name();
        let is_own = name.starts_with("librustc_driver") || name.starts_with("libLLVM");
        if is_own && name.contains(".so") {
            add(&mut seals, entry.path());
        }
    }
    seals
}

/// Of a target's standard library.
pub(super) fn standard_library(sysroot: &Utf8Path, target: &Triple) -> Seals {
    let mut seals = Seals::new();
    add(&mut seals, &sysroot.join("lib/rustlib").join(target.as_str()).join("lib"));
    seals
}

/// Of what links: a C compiler, a linker, and the C library with what every program begins with.
pub(super) fn linkers(compiler: &Utf8PathBuf, linker: Option<&Utf8PathBuf>) -> Seals {
    let mut seals = Seals::new();
    add(&mut seals, compiler);
    for file in ["libc.so.6", "crt1.o"] {
        let answer = Command::new(compiler)
            .arg(format!("-print-file-name={file}"))
            .env("LC_ALL", "C")
            .output();
        let path = answer.ok().and_then(|answer| String::from_utf8(answer.stdout).ok());
        // A compiler that knows no such file says its bare name.
        if let Some(path) = path.as_deref().map(str::trim).filter(|path| path.starts_with('/')) {
            add(&mut seals, Utf8Path::new(path));
        }
    }
    if let Some(linker) = linker {
        add(&mut seals, linker);
    }
    seals
}
