//! Libraries, in the words of linkers, pkg-config, rustc and C compilers.

use super::file::{between, last_word};
use super::lack::Lack;

/// rustc has no standard library for what it compiles for.
pub(super) fn standard(line: &str) -> Option<Lack> {
    let missing = ["`std`", "`core`"]
        .iter()
        .any(|name| line.contains(&format!("can't find crate for {name}")));
    missing.then_some(Lack::StandardLibrary)
}

/// The linker found no library: `cannot find -lz`, `unable to find library -lz`, `library not found for -lz`.
pub(super) fn linked(line: &str) -> Option<Lack> {
    let said = ["cannot find -l", "unable to find library -l", "library not found for -l"];
    let rest = said.iter().find_map(|words| line.split_once(words))?.1;
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
    let end = rest.find(|c| !name(c)).unwrap_or(rest.len());
    Some(Lack::Library(rest[..end].trim_end_matches('.').to_owned()))
}

/// pkg-config, or the crate of that name, found no description of a library.
pub(super) fn pkg_config(line: &str) -> Option<Lack> {
    let lower = line.to_ascii_lowercase();
    if let Some((_, rest)) = line.split_once("The system library `") {
        return Some(Lack::PkgConfig(rest.split('`').next().unwrap_or_default().to_owned()));
    }
    if lower.contains("was not found in the pkg-config search path") {
        let name = line.strip_prefix("Package ").and_then(|rest| rest.split_whitespace().next());
        return Some(Lack::PkgConfig(name.unwrap_or_default().to_owned()));
    }
    if lower.starts_with("package '") && lower.ends_with("not found") {
        return Some(Lack::PkgConfig(between(line, '\'').unwrap_or_default().to_owned()));
    }
    if lower.starts_with("no package '") && lower.contains("found") {
        return Some(Lack::PkgConfig(between(line, '\'').unwrap_or_default().to_owned()));
    }
    // `pkg-config --libs openssl`, in the words of the command that failed.
    let command = lower.contains("pkg-config") || lower.contains("pkg_config");
    let failed = ["did not exit successfully", "failed", "error", "could not", "not found"];
    (command && failed.iter().any(|word| lower.contains(word)))
        .then(|| Lack::PkgConfig(String::new()))
}

/// A C compiler found no header: `fatal error: zlib.h: No such file or directory`, `'zlib.h' file not found`.
pub(super) fn header(line: &str) -> Option<Lack> {
    let is_header =
        |name: &str| [".h", ".hh", ".hpp", ".hxx"].iter().any(|end| name.ends_with(end));
    let named = match line.split_once("fatal error: ") {
        Some((_, rest)) => {
            between(rest, '\'').unwrap_or_else(|| rest.split(": ").next().unwrap_or_default())
        }
        None => last_word(line.split_once(": No such file or directory")?.0),
    };
    is_header(named).then(|| Lack::Header(named.to_owned()))
}
