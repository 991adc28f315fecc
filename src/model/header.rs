//! Words in the header of a plan's file: a line of them, written and read back.

use std::fmt::Write as _;

/// The words as one line. One with white space, a control character or a quotation mark at its
/// beginning stands between quotation marks, as in JSON.
#[must_use]
pub fn line<W: AsRef<str>>(words: &[W]) -> String {
    let mut line = String::new();
    for word in words.iter().map(AsRef::as_ref) {
        if !line.is_empty() {
            line.push(' ');
        }
        let odd = |c: char| c.is_whitespace() || c.is_control();
        if word.is_empty() || word.starts_with('"') || word.contains(odd) {
            write!(line, "{}", serde_json::Value::from(word)).expect("a string takes it");
        } else {
            line.push_str(word);
        }
    }
    line
}

/// The words of a line; a quotation mark that nothing closes is a character like others.
#[must_use]
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let mut quoted = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let (word, end) = match quoted.next() {
            Some(Ok(word)) if rest.starts_with('"') => (word, quoted.byte_offset()),
            _ => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (rest[..end].to_owned(), end)
            }
        };
        words.push(word);
        rest = rest[end..].trim_start();
    }
    words
}
