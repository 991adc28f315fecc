//! A directory as one archive: POSIX's ustar, with GNU's long names. Owners and times are not those of a
//! machine, so that equal files are equal archives.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::facts::Facts;
use crate::failure::Failure;

const BLOCK: usize = 512;

/// One second after the epoch, as in Nix's store: some programs take 0 for "no time".
const TIME: u64 = 1;

/// Writes `NAME.tar` into the output: what lies in `from`, below a directory `NAME`.
pub(crate) fn archive(mut facts: Facts, out: &Path) -> Result<(), Failure> {
    let from = facts.needed("from")?;
    let name = facts.needed("name")?;
    facts.done()?;
    let file = out.join(format!("{name}.tar"));
    let written = fs::create_dir_all(out).and_then(|()| {
        let mut to = BufWriter::new(File::create(&file)?);
        add(&mut to, Path::new(&from), name.as_bytes())?;
        // Two empty blocks are the end.
        to.write_all(&[0; 2 * BLOCK])?;
        to.flush()
    });
    written.map_err(|error| {
        Failure::new(format!("cannot write {} of {from}: {error}", file.display()))
    })
}

/// Adds what lies at `path`, as `name`; the entries of a directory by their names' order.
fn add(to: &mut impl Write, path: &Path, name: &[u8]) -> io::Result<()> {
    let is = fs::symlink_metadata(path)?;
    if is.is_symlink() {
        let target = fs::read_link(path)?;
        return header(to, b'2', name, 0o777, 0, target.as_os_str().as_bytes());
    }
    if is.is_dir() {
        header(to, b'5', &[name, b"/"].concat(), 0o755, 0, b"")?;
        let mut names = Vec::new();
        for entry in path.read_dir()? {
            names.push(entry?.file_name());
        }
        names.sort();
        for entry in names {
            add(to, &path.join(&entry), &[name, b"/", entry.as_bytes()].concat())?;
        }
        return Ok(());
    }
    let mode = if is.permissions().mode() & 0o111 == 0 { 0o644 } else { 0o755 };
    header(to, b'0', name, mode, is.len(), b"")?;
    let copied = io::copy(&mut File::open(path)?, to)?;
    if copied != is.len() {
        return Err(io::Error::other(format!("{} changes", path.display())));
    }
    pad(to, copied)
}

/// An entry's header. A name or a link's target too long for it goes before, as an entry of its own.
fn header(
    to: &mut impl Write,
    kind: u8,
    name: &[u8],
    mode: u32,
    size: u64,
    target: &[u8],
) -> io::Result<()> {
    for (text, kind) in [(target, b'K'), (name, b'L')] {
        if text.len() > 100 {
            let text = [text, b"\0"].concat();
            let size = text.len() as u64;
            to.write_all(&block(kind, b"././@LongLink", 0o644, size, b"")?)?;
            to.write_all(&text)?;
            pad(to, size)?;
        }
    }
    to.write_all(&block(kind, name, mode, size, target)?)
}

fn block(kind: u8, name: &[u8], mode: u32, size: u64, target: &[u8]) -> io::Result<[u8; BLOCK]> {
    if size >= 1 << 33 {
        return Err(io::Error::other("a file of 8 GiB and more does not fit this format"));
    }
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    put(0, &name[..name.len().min(100)]);
    put(100, format!("{mode:07o}").as_bytes());
    put(108, b"0000000");
    put(116, b"0000000");
    put(124, format!("{size:011o}").as_bytes());
    put(136, format!("{TIME:011o}").as_bytes());
    // While it is counted, the sum is spaces.
    put(148, b"        ");
    put(156, &[kind]);
    put(157, &target[..target.len().min(100)]);
    put(257, b"ustar  ");
    put(265, b"root");
    put(297, b"root");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(block)
}

fn pad(to: &mut impl Write, size: u64) -> io::Result<()> {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or_default();
    if over == 0 { Ok(()) } else { to.write_all(&[0; BLOCK][over..]) }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use super::archive;
    use crate::facts::Facts;
    use crate::json::Value;

    fn temporary(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("rbn-archive-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).expect("a directory");
        dir
    }

    fn archived(from: &Path, out: &Path) -> Vec<u8> {
        let text = format!("{{\"from\": \"{}\", \"name\": \"rust-1.0\"}}", from.display());
        let facts = Facts::new("facts", Value::parse(&text).expect("JSON")).expect("facts");
        archive(facts, out).expect("an archive");
        fs::read(out.join("rust-1.0.tar")).expect("an archive")
    }

    #[test]
    fn tar_unpacks_what_was_there() {
        let dir = temporary("unpacks");
        let from = dir.join("from");
        let long = "lib/".to_owned() + &"a-long-name/".repeat(12);
        fs::create_dir_all(from.join(&long)).expect("a directory");
        fs::create_dir_all(from.join("bin")).expect("a directory");
        fs::create_dir_all(from.join("empty")).expect("a directory");
        fs::write(from.join(&long).join("file"), vec![b'x'; 1000]).expect("a file");
        fs::write(from.join("bin/rustc"), vec![b'y'; 512]).expect("a file");
        fs::set_permissions(from.join("bin/rustc"), Permissions::from_mode(0o555)).expect("set");
        fs::write(from.join("nothing"), "").expect("a file");
        symlink("bin/rustc", from.join("link")).expect("a link");
        symlink("t".repeat(150), from.join("long-link")).expect("a link");
        archived(&from, &dir.join("out"));
        let ran = |command: &mut Command| {
            let output = command.current_dir(&dir).output().expect("started");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        };
        ran(Command::new("tar").args(["-xf", "out/rust-1.0.tar"]));
        ran(Command::new("diff").args(["--no-dereference", "-r", "from", "rust-1.0"]));
        let mode = |file: &str| {
            fs::metadata(dir.join("rust-1.0").join(file)).expect("a file").permissions().mode()
                & 0o111
        };
        assert_ne!(mode("bin/rustc"), 0);
        assert_eq!(mode("nothing"), 0);
        fs::remove_dir_all(dir).expect("removed");
    }

    #[test]
    fn equal_files_are_equal_archives() {
        let dir = temporary("equal");
        let made = |name: &str, files: [&str; 2]| {
            let from = dir.join(name);
            fs::create_dir_all(&from).expect("a directory");
            for file in files {
                fs::write(from.join(file), file).expect("a file");
            }
            archived(&from, &dir.join(format!("{name}-out")))
        };
        assert_eq!(made("one", ["a", "b"]), made("two", ["b", "a"]));
        fs::remove_dir_all(dir).expect("removed");
    }
}
