//! Files in the place of what rustc would have written for a target unit.
//!
//! Cargo looks at names and times only, never into these files, with one exception: it parses the
//! dep-info file, so that one is well formed. Nothing runs or links a target unit during a build:
//! scripts and proc macros are host units, and those are really compiled.

use std::fs;
use std::io::{self, Write};

use camino::Utf8PathBuf;
use serde_json::json;

use super::call::RustcCall;

/// Names around a crate's name by platform: what `rustc --print file-names` says for it.
struct Naming {
    executable: &'static str,
    dylib: (&'static str, &'static str),
    staticlib: (&'static str, &'static str),
}

/// File names of a platform. A wrong name would do no harm: Cargo passes over files that it
/// expected and does not find, since `cargo rustc -- --emit ..` may leave any of them out.
fn naming(target: &str) -> Naming {
    if target.contains("windows") {
        let staticlib = if target.ends_with("msvc") { ("", ".lib") } else { ("lib", ".a") };
        Naming { executable: ".exe", dylib: ("", ".dll"), staticlib }
    } else if target.starts_with("wasm") {
        Naming { executable: ".wasm", dylib: ("", ".wasm"), staticlib: ("lib", ".a") }
    } else if target.contains("apple") {
        Naming { executable: "", dylib: ("lib", ".dylib"), staticlib: ("lib", ".a") }
    } else {
        Naming { executable: "", dylib: ("lib", ".so"), staticlib: ("lib", ".a") }
    }
}

/// An output of a call: rustc's word for its kind in artifact messages, and the file.
pub type Artifact = (&'static str, Utf8PathBuf);

/// What a rustc call would write, dep-info first, then metadata, then what is linked: rustc's own
/// order. `target` only decides how files are called.
pub fn artifacts(call: &RustcCall, target: &str) -> Vec<Artifact> {
    let Some(stem) = call.crate_name.as_deref() else { return Vec::new() };
    let emits = |kind: &str| call.emit.iter().any(|emit| emit == kind);
    let mut found = Vec::new();
    if emits("dep-info") {
        found.push(("dep-info", call.file("", stem, ".d")));
    }
    if emits("metadata") {
        found.push(("metadata", call.file("lib", stem, ".rmeta")));
    }
    if emits("link") {
        let naming = naming(target);
        // A test without a harness has no crate type either: rustc makes a program.
        if call.test || call.crate_types.is_empty() {
            found.push(("link", call.file("", stem, naming.executable)));
        }
        for kind in &call.crate_types {
            let (prefix, suffix) = match kind.as_str() {
                "bin" => ("", naming.executable),
                "dylib" | "cdylib" | "proc-macro" => naming.dylib,
                "staticlib" => naming.staticlib,
                _ => ("lib", ".rlib"),
            };
            found.push(("link", call.file(prefix, stem, suffix)));
        }
    }
    found
}

/// Creates the files of a target unit and tells Cargo of them on `talk` (the wrapper's stderr),
/// as rustc does: Cargo starts a unit's dependents when it hears that the metadata is there.
/// `checked`: rustc itself has written the dep-info.
pub fn create(
    call: &RustcCall,
    target: &str,
    checked: bool,
    mut talk: impl Write,
) -> io::Result<()> {
    if let Some(dir) = &call.out_dir {
        fs::create_dir_all(dir)?;
    }
    for (kind, path) in artifacts(call, target) {
        if checked && kind == "dep-info" {
            continue;
        }
        let text = if kind == "dep-info" {
            let root = escape(call.root.as_deref().unwrap_or_default());
            format!("{}: {root}\n\n{root}:\n", escape(path.as_str()))
        } else {
            String::new()
        };
        fs::write(&path, text)?;
        if call.json.iter().any(|word| word == "artifacts") {
            let message = json!({"$message_type": "artifact", "artifact": path, "emit": kind});
            writeln!(talk, "{message}")?;
        }
    }
    Ok(())
}

/// Spaces in make's syntax, as rustc writes them into dep-info.
fn escape(path: &str) -> String {
    path.replace(' ', "\\ ")
}
