//! Programs that were started and are not there, in the words of shells and crates.

use super::file::{between, last_word};
use super::lack::Lack;

/// The program that a line says is missing.
pub(super) fn named(line: &str) -> Option<Lack> {
    let name = of_crates(line).or_else(|| of_shells(line))?;
    let legal = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
    (!name.is_empty() && name.chars().all(legal)).then(|| Lack::Program(name.to_owned()))
}

/// The crates that start programs for build scripts.
fn of_crates(line: &str) -> Option<&str> {
    // cmake: is `cmake` not installed?
    if let Some((_, rest)) = line.split_once("is `")
        && let Some((name, after)) = rest.split_once('`')
        && after.trim_start().starts_with("not installed")
    {
        return Some(name);
    }
    // cc: failed to find tool "aarch64-linux-gnu-gcc": ... (is it installed?)
    if let Some((_, rest)) = line.split_once("failed to find tool ") {
        return between(rest, '"').or_else(|| between(rest, '`')).map(base);
    }
    // pkg-config: it is the program itself that is missing.
    let lower = line.to_ascii_lowercase();
    if lower.contains("pkg-config command could not be")
        || lower.contains("could not run") && lower.contains("pkg-config")
        || lower.contains("pkg-config has not been found")
    {
        return Some("pkg-config");
    }
    // prost, tonic: Could not find `protoc`.
    if lower.contains("could not find `protoc`") {
        return Some("protobuf");
    }
    if lower.contains("unable to find libclang")
        || lower.contains("couldn't find any valid shared libraries matching: ['libclang")
    {
        return Some("libclang");
    }
    // failed to execute command `perl`: No such file; Failed to run "nasm": ...
    let started =
        ["execute", "run", "spawn", "start", "launch"].iter().any(|verb| lower.contains(verb));
    let is_missing = lower.contains("no such file or directory") || lower.contains("notfound");
    if started && is_missing {
        let quoted =
            between(line, '`').or_else(|| between(line, '"')).or_else(|| between(line, '\''));
        let name = quoted?.split_whitespace().next()?;
        return Some(base(name.trim_matches('"'))).filter(|name| !name.is_empty());
    }
    None
}

/// Shells and make: `sh: 1: perl: not found`, `bash: line 1: perl: command not found`,
/// `env: 'perl': No such file or directory`, `make: perl: No such file or directory`.
fn of_shells(line: &str) -> Option<&str> {
    if let Some(before) = line.strip_suffix(": command not found") {
        return Some(base(last_word(before)));
    }
    let shell =
        |word: &str| matches!(base(word), "sh" | "bash" | "dash" | "env" | "make" | "gmake");
    let first = line.split(": ").next().unwrap_or_default();
    let first = first.split('[').next().unwrap_or_default();
    if !shell(first) {
        return None;
    }
    let before = line
        .strip_suffix(": not found")
        .or_else(|| line.strip_suffix(": No such file or directory"))?;
    let word = before.rsplit(": ").next().unwrap_or(before);
    let word = word.trim_matches(['\'', '"', '`', '‘', '’']);
    // What has a path is a file of its own, not a program of the machine.
    (!word.contains('/') || word.starts_with("/usr/bin/") || word.starts_with("/bin/"))
        .then(|| base(word))
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
