//! Text as Nix source: the one place where quoting is decided.

use std::fmt::Write as _;
use std::io;

/// Words that cannot stand as a bare attribute name.
const KEYWORDS: [&str; 9] = ["assert", "else", "if", "in", "inherit", "let", "or", "rec", "with"];

/// Writes the inside of a double-quoted Nix string that evaluates to `text`.
///
/// # Errors
/// Those of `out`.
pub fn write_string(text: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '"', '$', '\n', '\r', '\t']) {
        out.write_all(&rest.as_bytes()[..at])?;
        let special = &rest[at..];
        match special.as_bytes()[0] {
            b'\\' => out.write_all(b"\\\\")?,
            b'"' => out.write_all(b"\\\"")?,
            b'\n' => out.write_all(b"\\n")?,
            b'\r' => out.write_all(b"\\r")?,
            b'\t' => out.write_all(b"\\t")?,
            // Only `${` begins an interpolation; escaping every `$` would be noise. But `$$` before
            // `{` must not be told apart by chance, so a `$` is escaped whenever `{` or `$` follows.
            _ if special[1..].starts_with(['{', '$']) => out.write_all(b"\\$")?,
            _ => out.write_all(b"$")?,
        }
        rest = &special[1..];
    }
    out.write_all(rest.as_bytes())
}

/// A double-quoted Nix string that evaluates to `text`.
#[must_use]
pub fn string(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(b'"');
    write_string(text, &mut out).expect("a vector takes every byte");
    out.push(b'"');
    String::from_utf8(out).expect("escapes are ASCII, the rest is UTF-8 already")
}

/// `text` as an attribute name: bare where Nix allows it, quoted otherwise.
#[must_use]
pub fn attr(text: &str) -> String {
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let bare = starts && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\''));
    if bare && !KEYWORDS.contains(&text) && text != "then" { text.to_owned() } else { string(text) }
}

/// `text` as an indented string (`''...''`), each line after `indent` spaces; for whole files.
#[must_use]
pub fn indented(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut out = String::from("''\n");
    for line in text.lines() {
        let escaped = indented_line(line);
        if escaped.is_empty() {
            out.push('\n');
        } else {
            writeln!(out, "{pad}{escaped}").expect("a string takes every character");
        }
    }
    out.push_str(&" ".repeat(indent.saturating_sub(2)));
    out.push_str("''");
    out
}

/// One line of an indented string. A single quote before `${` is escaped by itself: it would be taken for
/// a part of the escape that follows.
fn indented_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut pieces = line.split("${").peekable();
    while let Some(piece) = pieces.next() {
        let quotes = piece.len() - piece.trim_end_matches('\'').len();
        let alone = pieces.peek().is_some() && quotes % 2 == 1;
        let (body, quote) = if alone { (&piece[..piece.len() - 1], "''\\'") } else { (piece, "") };
        out.push_str(&body.replace("''", "'''"));
        out.push_str(quote);
        if pieces.peek().is_some() {
            out.push_str("''${");
        }
    }
    out
}
