//! How `strace` writes calls down.

use std::path::{Component, Path, PathBuf};

/// A finished call.
pub struct Call<'l> {
    /// Its name.
    pub name: &'l str,
    /// Its arguments as they are written.
    pub args: Vec<&'l str>,
    /// What it gave back.
    pub result: &'l str,
    /// Whether it did what it was to do.
    pub worked: bool,
}

impl<'l> Call<'l> {
    /// Reads a line without the number of its process.
    pub fn parse(line: &'l str) -> Option<Self> {
        let (name, rest) = line.split_once('(')?;
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let (args, rest) = arguments(rest)?;
        let result = rest.trim_start().strip_prefix('=')?.trim_start();
        let worked = !result.starts_with("-1 ") && !result.starts_with('?');
        Some(Self { name, args, result, worked })
    }
}

/// The arguments up to the closing parenthesis, and what follows it.
fn arguments(text: &str) -> Option<(Vec<&str>, &str)> {
    let mut found = Vec::new();
    let (mut depth, mut quoted, mut escaped, mut annotated) = (0_u32, false, false, false);
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        if escaped {
            escaped = false;
            continue;
        }
        match byte {
            b'\\' if quoted || annotated => escaped = true,
            b'"' if !annotated => quoted = !quoted,
            _ if quoted => {}
            b'>' if annotated => annotated = false,
            _ if annotated => {}
            // The path behind a number: `3</a>`, `AT_FDCWD</a>`.
            b'<' if at > 0 && text.as_bytes()[at - 1].is_ascii_alphanumeric() => annotated = true,
            b'(' | b'[' | b'{' => depth += 1,
            b')' if depth == 0 => {
                let last = text[start..at].trim();
                if !last.is_empty() {
                    found.push(last);
                }
                return Some((found, &text[at + 1..]));
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                found.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// A text in quotes, as it was.
#[must_use]
pub fn text(arg: &str) -> Option<String> {
    let inner = arg.strip_prefix('"')?;
    let end = inner.rfind('"')?;
    Some(unescape(&inner[..end]))
}

/// The path that stands behind a file's number.
#[must_use]
pub fn directory(arg: &str) -> Option<String> {
    let (_, path) = arg.split_once('<')?;
    let path = unescape(path.strip_suffix('>')?);
    // A directory that was removed is nowhere.
    path.starts_with('/').then(|| path.trim_end_matches("(deleted)").to_owned())
}

/// C's escapes, of bytes that are UTF-8 together.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'r') => bytes.push(b'\r'),
            Some(b'v') => bytes.push(0x0b),
            Some(b'f') => bytes.push(0x0c),
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    match rest.peek() {
                        Some(next @ b'0'..=b'7') => {
                            value = value * 8 + u32::from(next - b'0');
                            rest.next();
                        }
                        _ => break,
                    }
                }
                bytes.push(u8::try_from(value).unwrap_or(b'?'));
            }
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The other machine that a call was for.
#[must_use]
pub fn address(arg: &str) -> Option<String> {
    if !arg.contains("sa_family=AF_INET") {
        return None;
    }
    let quoted = |from: &str| Some(from.split('"').nth(1)?.to_owned());
    let host =
        ["inet_addr(", "inet_pton("].iter().find_map(|word| quoted(arg.split_once(word)?.1))?;
    let is_local = host.starts_with("127.") || host == "::1" || host == "0.0.0.0";
    (!is_local).then_some(host)
}

/// A path as it counts from a directory, without `.` parts and doubled slashes; `..` stays.
pub fn place(directory: &str, path: &str) -> String {
    let joined = Path::new(directory).join(path);
    let mut clean = PathBuf::new();
    for part in joined.components().filter(|part| *part != Component::CurDir) {
        clean.push(part);
    }
    // `..` straight behind a plain name would need the system; behind the root it means nothing.
    clean.to_string_lossy().into_owned()
}
