//! Text of others on its way to a terminal: it must not steer it, nor show other than it is.
//!
//! Control characters move the cursor, change colours and titles. Marks of the bidirectional
//! algorithm let a line be read in another order than it is written in. Plans, manifests, paths and
//! what programs say may hold either, so all that goes to people goes through here.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What stands for a character that is not shown.
const HIDDEN: char = '\u{fffd}';

/// Whether a character steers: controls (C0, DEL, C1), and the marks, embeddings, overrides and
/// isolates of the bidirectional algorithm.
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text of one line: whatever steers, line ends and tabs among it, is replaced.
#[must_use]
pub fn line(text: &str) -> String {
    text.chars().map(|c| if steers(c) { HIDDEN } else { c }).collect()
}

/// A text of any number of lines: their ends and tabs stay.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    let is_hidden = |c: char| steers(c) && c != '\n' && c != '\t';
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    Cow::Owned(text.chars().map(|c| if is_hidden(c) { HIDDEN } else { c }).collect())
}

/// A text of one line with what steers written as an escape.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        if steers(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// The same JSON document in characters that do not steer. In JSON they can stand in strings
/// only, and there an escape means the same.
#[must_use]
pub fn json(document: &str) -> Cow<'_, str> {
    let is_escaped = |c: char| steers(c) && !matches!(c, '\n' | '\r' | '\t');
    if !document.contains(is_escaped) {
        return Cow::Borrowed(document);
    }
    let mut text = String::with_capacity(document.len());
    for c in document.chars() {
        // All of them are in the first plane.
        match is_escaped(c) {
            true => write!(text, "\\u{:04x}", u32::from(c)).expect("a string takes it"),
            false => text.push(c),
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers() {
        let hostile = "a\u{1b}[2J\u{9b}31m\u{7f}\u{202e}b\u{2066}\u{200f}\u{61c}\r\n\tc\r";
        assert!(!line(hostile).contains(steers));
        assert_eq!(lines("a\r\nb\tc\n"), "a\r\nb\tc\n".replace('\r', ""));
        let shown = lines(hostile);
        assert!(!shown.contains(|c| steers(c) && c != '\n' && c != '\t'), "{shown:?}");
        assert_eq!(escaped("\u{202e}\u{1b}"), "\\u{202e}\\u{1b}");
        for c in ['é', '中', '\u{200d}', '🦀'] {
            assert!(!steers(c), "{c:?}");
        }
    }

    #[test]
    fn json_means_the_same() {
        let value =
            serde_json::json!({ "a\u{202e}": "\u{9b}\u{7f}\u{1b}\\\" \n", "b": ["\u{61c}"] });
        for text in [value.to_string(), format!("{value:#}\n")] {
            let safe = json(&text);
            assert!(!safe.contains(|c| steers(c) && c != '\n'), "{safe:?}");
            let again: serde_json::Value = serde_json::from_str(&safe).expect("it is JSON");
            assert_eq!(again, value);
        }
    }
}
