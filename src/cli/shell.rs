//! Commands as they would be typed.

/// Words for a shell, quoted where they must be.
#[must_use]
pub fn quoted(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        let safe = |c: char| c.is_ascii_alphanumeric() || "-_=./,:@+".contains(c);
        if !word.is_empty() && word.chars().all(safe) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}
