//! What decides a compiler's answer.
//!
//! Source: Cargo 1.95, `util/rustc.rs`: path and time of the program, the same of the compiler
//! behind rustup's proxy. There the proxy's choice is known, because Cargo was started by it; here
//! everything that the choice is made from is part of the key instead.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::reader;

/// All that the answer to `command` depends on, as text; `None` if that cannot be told, or if the
/// command does more than to answer.
pub fn of(command: &Command) -> Option<String> {
    let args: Option<Vec<&str>> = command.get_args().map(OsStr::to_str).collect();
    let args = args?;
    // A target specification is a file of its own.
    if !args.iter().any(|arg| is_question(arg)) || args.iter().any(|arg| arg.ends_with(".json")) {
        return None;
    }
    let dir = match command.get_current_dir() {
        Some(dir) => fs::canonicalize(dir).ok()?,
        None => env::current_dir().ok()?,
    };
    let program = found(command.get_program(), &dir)?;
    let mut text = String::new();
    for arg in args {
        writeln!(text, "argument {arg:?}").ok()?;
    }
    let variables = environment(command);
    for (name, value) in &variables {
        writeln!(text, "variable {name:?} {value:?}").ok()?;
    }
    text.push_str(&seen(&program)?);
    let home = variables.get(OsStr::new("RUSTUP_HOME")).map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&env::var_os("HOME")?).join(".rustup")));
    let proxy = rustup(&program);
    // A script may start rustup's proxy, too.
    if proxy.is_some() || home.as_ref().is_some_and(|home| home.join("settings.toml").exists()) {
        chosen(&home?, &dir, &mut text)?;
    }
    if let Some(proxy) = proxy {
        text.push_str(&seen(&proxy)?);
    }
    Some(text)
}

fn is_question(arg: &str) -> bool {
    matches!(arg, "-vV" | "-Vv" | "-V" | "--version" | "--print") || arg.starts_with("--print=")
}

/// The file that a program's name stands for.
fn found(program: &OsStr, dir: &Path) -> Option<PathBuf> {
    if Path::new(program).components().count() > 1 {
        return Some(dir.join(program));
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// rustc's own variables and rustup's, as the command will see them.
fn environment(command: &Command) -> BTreeMap<OsString, OsString> {
    let ours = |name: &OsStr| name.to_str().is_some_and(|name| name.starts_with("RUST"));
    let mut all: BTreeMap<OsString, OsString> =
        env::vars_os().filter(|(name, _)| ours(name)).collect();
    for (name, value) in command.get_envs().filter(|(name, _)| ours(name)) {
        match value {
            Some(value) => all.insert(name.to_owned(), value.to_owned()),
            None => all.remove(name),
        };
    }
    all
}

/// A file by its name, the file that is behind it, its time and its size.
fn seen(file: &Path) -> Option<String> {
    let real = fs::canonicalize(file).ok()?;
    let facts = fs::metadata(&real).ok()?;
    let (time, part, size) = (facts.mtime(), facts.mtime_nsec(), facts.size());
    Some(format!("file {file:?} {real:?} {time}.{part:09} {size}\n"))
}

/// rustup, if that is what `program` is: its proxies are links to it, of either kind.
fn rustup(program: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(program).ok()?;
    if real.file_name()? == "rustup" {
        return Some(real);
    }
    let beside = real.with_file_name("rustup");
    let (one, other) = (fs::metadata(&real).ok()?, fs::metadata(&beside).ok()?);
    (one.ino() == other.ino() && one.dev() == other.dev()).then_some(beside)
}

/// All that rustup chooses a compiler from, and every compiler that it may choose.
fn chosen(home: &Path, dir: &Path, text: &mut String) -> Option<()> {
    for folder in dir.ancestors() {
        for name in ["rust-toolchain", "rust-toolchain.toml"] {
            if let Ok(wanted) = reader::text(folder.join(name)) {
                writeln!(text, "wanted in {folder:?} {wanted:?}").ok()?;
            }
        }
    }
    let settings = reader::text(home.join("settings.toml")).ok()?;
    writeln!(text, "settings {settings:?} for {dir:?}").ok()?;
    let mut compilers: Vec<PathBuf> = fs::read_dir(home.join("toolchains"))
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin").join("rustc")))
        .filter(|rustc| rustc.is_file())
        .collect();
    compilers.sort();
    for rustc in compilers {
        text.push_str(&seen(&rustc)?);
    }
    Some(())
}
