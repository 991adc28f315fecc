//! The tools of a foreign target, by the names that distributions give them.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::search::on_path;
use crate::model::Triple;

/// The tools that build scripts ask for: the variable's stem, the program of a cross compiler,
/// and the machine's own.
const TOOLS: [(&str, &str, &str); 4] = [
    ("CC", "gcc", "cc"),
    ("CXX", "g++", "c++"),
    ("AR", "ar", "ar"),
    ("RANLIB", "ranlib", "ranlib"),
];

/// What is here for a target.
pub(super) struct CrossTools {
    /// The C compiler, which links, too.
    pub cc: Utf8PathBuf,
    prefix: String,
}

/// The architecture of `triple` in rustc's word.
fn architecture(triple: &Triple) -> &str {
    triple.as_str().split('-').next().unwrap_or_default()
}

/// An architecture in GNU's word, which cross compilers are named by.
fn gnu(architecture: &str) -> &str {
    match architecture {
        "i386" | "i586" | "i686" => "i686",
        a if a.starts_with("riscv64") => "riscv64",
        a if a.starts_with("riscv32") => "riscv32",
        a if a.starts_with("armeb") => "armeb",
        a if a.starts_with("arm") || a.starts_with("thumb") => "arm",
        other => other,
    }
}

/// An architecture in qemu's word.
fn qemu(architecture: &str) -> &str {
    match gnu(architecture) {
        "i686" => "i386",
        "powerpc" => "ppc",
        "powerpc64" => "ppc64",
        "powerpc64le" => "ppc64le",
        other => other,
    }
}

/// How a distribution may name what it has for a target: in full, without the vendor, and that
/// with GNU's architecture.
#[must_use]
pub fn prefixes(triple: &Triple) -> Vec<String> {
    let parts: Vec<&str> = triple.as_str().split('-').collect();
    let mut names = vec![triple.to_string()];
    if let [architecture, _, rest @ ..] = parts.as_slice()
        && !rest.is_empty()
    {
        let rest = rest.join("-");
        names.push(format!("{architecture}-{rest}"));
        names.push(format!("{}-{rest}", gnu(architecture)));
    }
    names.dedup();
    names
}

/// Whether programs for `triple` are those of another architecture than `host`'s, of Linux, too:
/// they need a C compiler to link with, and an emulator to run. A target without an operating
/// system, WebAssembly among them, is linked by what the Rust compiler brings along.
#[must_use]
pub fn is_other_architecture(triple: &Triple, host: &Triple) -> bool {
    triple.as_str().contains("-linux-") && qemu(architecture(triple)) != qemu(architecture(host))
}

impl CrossTools {
    /// The tools of `triple`, if a C compiler for it is on PATH.
    pub(super) fn find(triple: &Triple) -> Option<Self> {
        prefixes(triple).into_iter().find_map(|prefix| {
            let cc = named(&prefix, "gcc")?;
            Some(Self { cc, prefix })
        })
    }

    /// The variables by which the cc crate, pkg-config and build scripts find a target's tools.
    /// `own` are the machine's programs by name.
    ///
    /// Sources: `target_envs` of the cc crate 1.4, `targeted_env_var` of the pkg-config crate 0.3:
    /// both ask for `<VAR>_<target>` with underscores before `TARGET_<VAR>`; where a script
    /// compiles for the machine itself, `HOST_<VAR>` is asked before `<VAR>`.
    pub(super) fn env(
        &self,
        triple: &Triple,
        own: &BTreeMap<String, Utf8PathBuf>,
    ) -> BTreeMap<String, String> {
        let key = triple.env_lower();
        let mut env = BTreeMap::from([(
            format!("CARGO_TARGET_{}_LINKER", triple.env_upper()),
            self.cc.to_string(),
        )]);
        for (variable, program, host_program) in TOOLS {
            if let Some(path) = named(&self.prefix, program) {
                env.insert(format!("{variable}_{key}"), path.to_string());
                env.insert(format!("TARGET_{variable}"), path.to_string());
            }
            if let Some(path) = own.get(host_program) {
                env.insert(format!("HOST_{variable}"), path.to_string());
            }
        }
        match named(&self.prefix, "pkg-config") {
            Some(path) => {
                env.insert(format!("PKG_CONFIG_{key}"), path.to_string());
            }
            None => {
                let libraries = multiarch(triple).map(|dir| dir.join("pkgconfig"));
                if let Some(libraries) = libraries.filter(|dir| dir.is_dir()) {
                    env.insert(format!("PKG_CONFIG_ALLOW_CROSS_{key}"), "1".to_owned());
                    let paths = format!("{libraries}:/usr/share/pkgconfig");
                    env.insert(format!("PKG_CONFIG_LIBDIR_{key}"), paths);
                }
            }
        }
        env
    }
}

/// The program of a target. What serves all targets, such as pkgconf or ccache, knows by its name
/// which one is meant: then the link is the program, not the file behind it.
fn named(prefix: &str, program: &str) -> Option<Utf8PathBuf> {
    let link = on_path(&format!("{prefix}-{program}"))?;
    let file = link.canonicalize_utf8().ok()?;
    let is_theirs = file.file_name().is_some_and(|name| name.starts_with(prefix));
    Some(if is_theirs { file } else { link })
}

/// Where Debian keeps a target's libraries beside the machine's own (its multiarch); it says
/// `i386` to all of its kind.
fn multiarch(triple: &Triple) -> Option<Utf8PathBuf> {
    let names = prefixes(triple).into_iter();
    let names = names.map(|name| name.replace("i686-linux", "i386-linux"));
    let mut places = names.map(|name| Utf8PathBuf::from(format!("/usr/lib/{name}")));
    places.find(|place| place.is_dir())
}

/// The user-mode emulator for a target of another architecture, with where its libraries are.
pub(super) fn emulator(triple: &Triple, host: &Triple) -> Option<Vec<String>> {
    if !is_other_architecture(triple, host) {
        return None;
    }
    let name = qemu(architecture(triple));
    let qemu = [format!("qemu-{name}-static"), format!("qemu-{name}")];
    let qemu = qemu.iter().find_map(|program| on_path(program)?.canonicalize_utf8().ok())?;
    let mut command = vec![qemu.to_string()];
    // A C library in its own place is found there. With a cross compiler's root before it, the
    // loader of one would start the C library of the other, and no thread comes to life.
    if multiarch(triple).is_some_and(|dir| dir.join("libc.so.6").exists()) {
        return Some(command);
    }
    let roots = prefixes(triple).into_iter().map(|prefix| format!("/usr/{prefix}"));
    if let Some(root) = roots.into_iter().find(|root| Utf8Path::new(root).join("lib").is_dir()) {
        command.extend(["-L".to_owned(), root]);
    }
    Some(command)
}
