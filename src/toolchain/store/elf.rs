//! Programs and libraries as files: what they name, and what they are made to name.

use std::ffi::{CStr, CString};
use std::io::Cursor;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use elb::{DynamicTag, Elf, ElfPatcher};

use super::error::StoreError;
use super::place::Place;

/// Where in the tree the tools' own libraries lie.
pub const OWN: &str = "usr/lib/programs";

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program with the loader that it names.
    Program(Utf8PathBuf),
    /// A program without one.
    Static,
    /// A library.
    Library,
    /// A script.
    Script,
    /// Anything else.
    Data,
}

impl Kind {
    /// What the file of these bytes is.
    ///
    /// # Errors
    /// [`StoreError::Elf`].
    pub fn of(path: &Utf8Path, bytes: &[u8]) -> Result<Self, StoreError> {
        if bytes.starts_with(b"#!") {
            return Ok(Self::Script);
        }
        // e_type, for the byte order of the machines that there are: 2 a program, 3 shared.
        let kind = match bytes.get(..18) {
            Some([0x7f, b'E', b'L', b'F', .., low, _]) => *low,
            _ => return Ok(Self::Data),
        };
        if kind != 2 && kind != 3 {
            return Ok(Self::Data);
        }
        let mut file = open(path, bytes)?;
        let loader = file.read_interpreter().map_err(|error| wrong(path, &error))?;
        Ok(match (loader, kind) {
            (Some(loader), _) => Self::Program(text(&loader).into()),
            (None, 2) => Self::Static,
            (None, _) => Self::Library,
        })
    }
}

/// How memory is divided on the machines that are built on here.
const PAGE: u64 = 4096;

/// A file in memory, to be read and written anew.
type Open = ElfPatcher<Cursor<Vec<u8>>>;

fn open(path: &Utf8Path, bytes: &[u8]) -> Result<Open, StoreError> {
    let mut file = Cursor::new(bytes.to_vec());
    let elf = Elf::read(&mut file, PAGE).map_err(|error| wrong(path, &error))?;
    Ok(ElfPatcher::new(elf, file))
}

fn wrong(path: &Utf8Path, error: &impl ToString) -> StoreError {
    StoreError::Elf { path: path.to_owned(), reason: error.to_string() }
}

fn text(bytes: &CStr) -> String {
    bytes.to_string_lossy().into_owned()
}

/// A text of the file's dynamic section.
fn dynamic(
    path: &Utf8Path,
    file: &mut Open,
    tag: DynamicTag,
) -> Result<Option<String>, StoreError> {
    let table = file.read_dynamic_table().map_err(|error| wrong(path, &error))?;
    let Some(at) = table.and_then(|table| table.get(tag)) else { return Ok(None) };
    let strings = file.read_dynamic_string_table().map_err(|error| wrong(path, &error))?;
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    Ok(strings.and_then(|strings| strings.get_string(at).map(text)))
}

/// The search path that a file has of its own.
fn search_path(path: &Utf8Path, file: &mut Open) -> Result<Option<String>, StoreError> {
    match dynamic(path, file, DynamicTag::Runpath)? {
        Some(found) => Ok(Some(found)),
        None => dynamic(path, file, DynamicTag::Rpath),
    }
}

fn set(path: &Utf8Path, file: &mut Open, tag: DynamicTag, value: String) -> Result<(), StoreError> {
    let value = CString::new(value).map_err(|error| wrong(path, &error))?;
    file.set_dynamic_tag(tag, value.as_c_str()).map_err(|error| wrong(path, &error))
}

fn written(path: &Utf8Path, file: Open) -> Result<Vec<u8>, StoreError> {
    file.finish().map(Cursor::into_inner).map_err(|error| wrong(path, &error))
}

/// A program with the tree's loader and search path; paths that were relative to it stay first.
///
/// # Errors
/// [`StoreError::Elf`].
pub fn program(path: &Utf8Path, bytes: &[u8], place: &Place) -> Result<Vec<u8>, StoreError> {
    let mut file = open(path, bytes)?;
    let loader = file.read_interpreter().map_err(|error| wrong(path, &error))?;
    let Some(loader) = loader.as_deref().map(text) else { return Ok(bytes.to_vec()) };
    let loader = loader.rsplit('/').next().unwrap_or_default();
    let loader = CString::new(format!("{}/lib/{loader}", place.lib));
    let loader = loader.map_err(|error| wrong(path, &error))?;
    let before = search_path(path, &mut file)?.unwrap_or_default();
    let relative = before.split(':').filter(|dir| dir.starts_with("$ORIGIN")).map(str::to_owned);
    // A distribution's rustc finds its libraries where all programs find theirs.
    let own = [
        format!("{}/{OWN}", place.tools),
        format!("{}/rust/lib", place.tools),
        format!("{}/lib", place.lib),
    ];
    let search = relative.chain(own).collect::<Vec<_>>().join(":");
    file.set_interpreter(&loader).map_err(|error| wrong(path, &error))?;
    // Of the two kinds this one holds for the libraries' own libraries, too.
    set(path, &mut file, DynamicTag::Rpath, search)?;
    written(path, file)
}

/// A library that named directories of the machine looks beside itself now; nothing where it named none.
///
/// # Errors
/// [`StoreError::Elf`].
pub fn library(path: &Utf8Path, bytes: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let mut file = open(path, bytes)?;
    if search_path(path, &mut file)?.is_none() {
        return Ok(None);
    }
    set(path, &mut file, DynamicTag::Runpath, "$ORIGIN".to_owned())?;
    written(path, file).map(Some)
}

/// What others call a library by, where it says so.
///
/// # Errors
/// [`StoreError::Elf`].
pub fn soname(path: &Utf8Path, bytes: &[u8]) -> Result<Option<String>, StoreError> {
    if Kind::of(path, bytes)? != Kind::Library {
        return Ok(None);
    }
    dynamic(path, &mut open(path, bytes)?, DynamicTag::SharedObjectName)
}

/// The libraries that `path` needs, by name, with their files: what the loader itself says. It starts
/// nothing of the program.
///
/// # Errors
/// [`StoreError`].
pub fn needed(
    loader: &Utf8Path,
    path: &Utf8Path,
) -> Result<Vec<(String, Utf8PathBuf)>, StoreError> {
    let output = Command::new(loader).args(["--list", path.as_str()]).env("LC_ALL", "C").output();
    let output = output.map_err(|source| StoreError::Io {
        what: "start the loader",
        path: loader.to_owned(),
        source,
    })?;
    let said = String::from_utf8_lossy(&output.stdout);
    listed(&said).map_err(|library| StoreError::NoShared { path: path.to_owned(), library })
}

/// Reads lines such as `libz.so.1 => /lib/libz.so.1 (0x00007f...)`; the error is what was not found.
fn listed(said: &str) -> Result<Vec<(String, Utf8PathBuf)>, String> {
    let mut found = Vec::new();
    for line in said.lines() {
        let Some((name, rest)) = line.trim().split_once(" => ") else { continue };
        if rest.starts_with("not found") {
            return Err(name.to_owned());
        }
        let file = rest.split(" (").next().unwrap_or_default().trim();
        if file.starts_with('/') {
            let name = name.rsplit('/').next().unwrap_or(name);
            found.push((name.to_owned(), Utf8PathBuf::from(file)));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_loader_says() {
        let said = "\tlinux-vdso.so.1 (0x00007ffd)\n\tlibz.so.1 => /lib/libz.so.1 (0x00007f)\n\
                    \t/lib64/ld-linux-x86-64.so.2 => /lib/ld.so (0x1)\n";
        let files = listed(said).expect("all is found");
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["libz.so.1", "ld-linux-x86-64.so.2"]);
        assert_eq!(listed("\tlibq.so => not found\n"), Err("libq.so".to_owned()));
    }

    #[test]
    fn what_a_file_is() {
        let kind = |bytes: &[u8]| Kind::of(Utf8Path::new("x"), bytes);
        assert_eq!(kind(b"#!/bin/sh\n").ok(), Some(Kind::Script));
        assert_eq!(kind(b"").ok(), Some(Kind::Data));
        assert_eq!(kind(b"\x7fELF").ok(), Some(Kind::Data));
        // Its header says shared, and then nothing comes.
        let cut = [b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0".as_slice(), &[0; 4]].concat();
        assert!(matches!(kind(&cut), Err(StoreError::Elf { .. })));
    }
}
