//! What a build script left in `OUT_DIR`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
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
    /// A directory.
    Directory,
    /// A link that leads to nothing. Any other counts as what it leads to: where that is differs by place.
    Nowhere,
    /// A file of these that may be started.
    Program(Box<Self>),
}

impl Left {
    /// Whether it is what a compiler made.
    #[must_use]
    pub fn is_object(&self) -> bool {
        match self {
            Self::Program(file) => file.is_object(),
            other => *other == Self::Object,
        }
    }
}

/// All that lies in `dir`, by path. `places`: texts that stand for others, the longest first.
#[must_use]
pub fn left(dir: &Path, places: &[(String, String)]) -> BTreeMap<String, Left> {
    let mut walk = Walk { places, passed: Vec::new(), found: BTreeMap::new() };
    walk.directory(dir, String::new());
    let mut all = places.to_vec();
    all.extend(named_by_place::digests(walk.found.keys()));
    let of = |(path, file): (String, PathBuf)| Some((path, thing(&file, &all)?));
    walk.found.into_iter().filter_map(of).collect()
}

struct Walk<'a> {
    places: &'a [(String, String)],
    /// The real places of the directories that lead here, the `OUT_DIR` first: a link may lead back.
    passed: Vec<PathBuf>,
    found: BTreeMap<String, PathBuf>,
}

impl Walk<'_> {
    fn directory(&mut self, dir: &Path, inside: String) {
        let Ok(real) = dir.canonicalize() else { return };
        if self.passed.contains(&real) {
            return;
        }
        self.passed.push(real);
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let file = entry.path();
            let path = format!("{inside}{}", entry.file_name().to_string_lossy());
            if file.is_dir() && (!file.is_symlink() || self.is_followed(&file)) {
                self.directory(&file, format!("{path}/"));
            }
            self.found.insert(path, file);
        }
        self.passed.pop();
    }

    /// Whether a link to a directory leads into the `OUT_DIR`, or to sources, which Nix keeps in its place.
    fn is_followed(&self, link: &Path) -> bool {
        let Ok(target) = link.canonicalize() else { return false };
        let is_in = |words: &[&str]| {
            let mut places = self.places.iter().filter(|(_, word)| words.contains(&word.as_str()));
            places.any(|(place, _)| target.starts_with(place))
        };
        self.passed.first().is_some_and(|top| target.starts_with(top))
            || is_in(&["<package>", "<workspace>"]) && !is_in(&[TARGET_DIR])
    }
}

/// What lies at a path; nothing where that is a pipe or a device, which no output keeps.
fn thing(file: &Path, places: &[(String, String)]) -> Option<Left> {
    let Ok(data) = fs::metadata(file) else { return Some(Left::Nowhere) };
    if data.is_dir() {
        return Some(Left::Directory);
    }
    let may_be_started = data.permissions().mode() & 0o100 != 0;
    let content = data.is_file().then(|| content(file, places))?;
    Some(if may_be_started { Left::Program(Box::new(content)) } else { content })
}

fn content(file: &Path, places: &[(String, String)]) -> Left {
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
