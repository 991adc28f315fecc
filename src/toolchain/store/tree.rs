//! The tree, decided and not yet written.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::elf;
use super::error::StoreError;
use super::place::Place;
use crate::files::assembly::Assembly;
use crate::files::reader;

/// Which of the two paths a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What programs need when they run.
    Lib,
    /// Everything else.
    Tools,
}

impl Part {
    /// Its directory while the tree is put together.
    #[must_use]
    pub fn dir(self) -> &'static str {
        match self {
            Self::Lib => "lib",
            Self::Tools => "out",
        }
    }
}

/// A file of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// As it is.
    Copy(Utf8PathBuf),
    /// A program, which gets another loader and search path.
    Program(Utf8PathBuf),
    /// A library, which looks for others beside itself.
    Library(Utf8PathBuf),
    /// A script: what it is run by lies in the tree.
    Script(Utf8PathBuf),
    /// A text of ours, in which stand-ins may stand.
    Text(String),
    /// A link within the same path, relative.
    Link(Utf8PathBuf),
    /// A link to a library of the other path, by its name there.
    ToLib(String),
}

/// What the tree holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Files by part and place.
    pub entries: BTreeMap<(Part, Utf8PathBuf), Entry>,
    /// The loader's name among the libraries.
    pub loader: String,
}

/// The most bytes of a program or library that is written anew.
const LARGEST: u64 = 1 << 30;

impl Tree {
    /// Puts an entry at a place, if nothing is there yet.
    pub fn put(&mut self, part: Part, at: impl Into<Utf8PathBuf>, entry: Entry) {
        self.entries.entry((part, at.into())).or_insert(entry);
    }

    /// Whether there is something at a place.
    #[must_use]
    pub fn has(&self, part: Part, at: &Utf8Path) -> bool {
        self.entries.contains_key(&(part, at.to_owned()))
    }

    /// Writes it, with lists of what the derivation has to do: the files in which stand-ins stand, and the
    /// links into the other path.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn write(&self, to: &Assembly, place: &Place) -> Result<(), StoreError> {
        let (mut rewrite, mut links) = (String::new(), String::new());
        for ((part, at), entry) in &self.entries {
            let path = Utf8Path::new(part.dir()).join(at);
            let io = |what, source| StoreError::Io { what, path: path.clone(), source };
            let file = |bytes: &[u8], runs| {
                to.file(&path, bytes, runs).map_err(|source| io("write", source))
            };
            let mut stands_in = || rewrite.push_str(&format!("{path}\n"));
            match entry {
                Entry::Copy(from) => to.copy(&path, from).map_err(|source| io("copy", source))?,
                Entry::Program(from) => {
                    let bytes = elf::program(from, &read(from)?, place)?;
                    stands_in();
                    file(&bytes, true)?;
                }
                Entry::Library(from) => match elf::library(from, &read(from)?)? {
                    Some(bytes) => file(&bytes, false)?,
                    None => to.copy(&path, from).map_err(|source| io("copy", source))?,
                },
                Entry::Script(from) => {
                    let bytes = script(&read(from)?, place);
                    stands_in();
                    file(&bytes, true)?;
                }
                Entry::Text(text) => {
                    stands_in();
                    file(text.as_bytes(), false)?;
                }
                Entry::Link(target) => {
                    to.link(&path, target).map_err(|source| io("link", source))?;
                }
                Entry::ToLib(name) => links.push_str(&format!("{at} {name}\n")),
            }
        }
        for (name, text) in [("rewrite", rewrite), ("links", links)] {
            let path = Utf8PathBuf::from(name);
            to.file(&path, text.as_bytes(), false).map_err(|source| StoreError::Io {
                what: "write",
                path,
                source,
            })?;
        }
        Ok(())
    }
}

fn read(from: &Utf8Path) -> Result<Vec<u8>, StoreError> {
    reader::bytes_within(from, LARGEST).map_err(|error| StoreError::Io {
        what: "read",
        path: from.to_owned(),
        source: std::io::Error::other(error),
    })
}

/// A script whose first line names a program of the tree: `#!/usr/bin/env bash`, `#!/bin/sh -e`.
fn script(bytes: &[u8], place: &Place) -> Vec<u8> {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let first = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut words = first.trim_start_matches("#!").split_whitespace();
    let mut program = words.next().unwrap_or_default();
    if program.ends_with("/env") {
        program = words.next().unwrap_or(program);
    }
    let name = program.rsplit('/').next().unwrap_or(program);
    let rest: Vec<&str> = words.collect();
    let line = format!("#!{}/bin/{name} {}", place.tools, rest.join(" "));
    let mut text = line.trim_end().as_bytes().to_vec();
    text.extend_from_slice(&bytes[end..]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::store::place::Name;

    #[test]
    fn scripts_are_run_by_the_tree() {
        let place = Place::of(&Name::of("rustc 1.0.0"));
        for (first, wanted) in [
            ("#!/bin/sh", "/bin/sh"),
            ("#! /bin/sh -e", "/bin/sh -e"),
            ("#!/usr/bin/env bash", "/bin/bash"),
        ] {
            let text = script(format!("{first}\nexit 0\n").as_bytes(), &place);
            let text = String::from_utf8(text).expect("a text");
            assert_eq!(text, format!("#!{}{wanted}\nexit 0\n", place.tools));
        }
        assert!(script(b"#!", &place).starts_with(b"#!/nix/store/"));
    }
}
