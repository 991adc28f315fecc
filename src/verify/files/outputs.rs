//! What a build script left in `OUT_DIR`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use super::super::environment::Variables;
use super::super::normalise::TARGET_DIR;
use super::named_by_place;
use crate::nix::digest;

/// Texts that are paths, and the words that stand for them.
pub type Places = Vec<(String, String)>;

/// A thing in an `OUT_DIR`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// A file of text: the digest of it, with words for its paths.
    Text(String),
    /// A file of another kind, likewise.
    Bytes(String),
    /// What a compiler or linker made: it holds paths in places and lengths of its own.
    Object,
    /// A link. Where it leads differs by place.
    Link,
}

/// All that lies in `dir`, by path. `places`: texts that stand for others, the longest first.
#[must_use]
pub fn left(dir: &Path, places: &[(String, String)]) -> BTreeMap<String, Left> {
    let mut files = BTreeMap::new();
    walk(dir, String::new(), &mut files);
    let mut all = places.to_vec();
    all.extend(named_by_place::digests(files.keys()));
    files.into_iter().map(|(path, file)| (path, content(&file, &all))).collect()
}

fn walk(dir: &Path, inside: String, found: &mut BTreeMap<String, PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = format!("{inside}{}", entry.file_name().to_string_lossy());
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), format!("{path}/"), found),
            Ok(kind) if kind.is_symlink() || kind.is_file() => {
                found.insert(path, entry.path());
            }
            _ => {}
        }
    }
}

fn content(file: &Path, places: &[(String, String)]) -> Left {
    if file.is_symlink() {
        return Left::Link;
    }
    match fs::read(file).map(String::from_utf8) {
        Ok(Ok(text)) if !text.contains('\0') => Left::Text(digest::hex16(&placed(text, places))),
        Ok(text) => {
            let bytes = text.map_or_else(|error| error.into_bytes(), String::into_bytes);
            match OBJECTS.iter().any(|magic| bytes.starts_with(magic)) {
                true => Left::Object,
                false => Left::Bytes(digest::hex16(&hexed(&bytes, places))),
            }
        }
        // The system's word for why it cannot be read.
        Err(error) => Left::Bytes(error.to_string()),
    }
}

/// How what compilers make begins: ELF, archives, LLVM's bitcode, Mach-O, PE, WebAssembly, rustc's metadata.
const OBJECTS: [&[u8]; 9] = [
    b"\x7fELF",
    b"!<arch>\n",
    b"!<thin>\n",
    b"BC\xc0\xde",
    b"\xcf\xfa\xed\xfe",
    b"\xfe\xed\xfa\xcf",
    b"MZ",
    b"\0asm",
    b"rust\0",
];

/// Bytes, each as a letter of its number, with what stands for their places.
fn hexed(bytes: &[u8], places: &[(String, String)]) -> String {
    let letters = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
    places
        .iter()
        .fold(letters(bytes), |text, (place, word)| text.replace(&letters(place.as_bytes()), word))
}

/// The places of a script that Cargo runs, whose workspace has these `roots`, one of them through links.
#[must_use]
pub fn of_cargo(env: &Variables, roots: &[Utf8PathBuf], target_dir: &str) -> Places {
    let of = |name: &str| env.get(name).cloned().unwrap_or_default();
    let word = str::to_owned;
    let mut all = vec![
        (of("OUT_DIR"), word("<out-dir>")),
        (of("CARGO_MANIFEST_DIR"), word("<package>")),
        (target_dir.to_owned(), word(TARGET_DIR)),
    ];
    all.extend(roots.iter().map(|root| (root.to_string(), word("<workspace>"))));
    places(all)
}

/// Places with the longest first: those that lie in others.
#[must_use]
pub fn places(mut all: Places) -> Places {
    all.retain(|(place, _)| !place.is_empty());
    all.sort_by_key(|(place, _)| std::cmp::Reverse(place.len()));
    all
}

/// A text with what stands for its places.
#[must_use]
pub fn placed(text: String, places: &[(String, String)]) -> String {
    places.iter().fold(text, |text, (place, word)| text.replace(place.as_str(), word))
}
