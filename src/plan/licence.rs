//! `license` of a manifest: an SPDX expression, or whatever else somebody wrote.

/// What a manifest says of its licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Licence {
    /// In the form of an SPDX expression; Cargo's old `A/B` is `A OR B`.
    Expression(String),
    /// In other words.
    Name(String),
}

/// Reads it; nothing where nothing is said.
#[must_use]
pub fn read(text: &str) -> Option<Licence> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let spaced = text.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    Some(match is_expression(&words) {
        true => Licence::Expression(words.join(" ").replace("( ", "(").replace(" )", ")")),
        false => Licence::Name(text.to_owned()),
    })
}

/// Whether names and operators take turns, within brackets that match.
fn is_expression(words: &[&str]) -> bool {
    let (mut depth, mut wants_name) = (0_usize, true);
    for word in words {
        match *word {
            "(" if wants_name => depth += 1,
            ")" if !wants_name && depth > 0 => depth -= 1,
            "AND" | "OR" | "WITH" if !wants_name => wants_name = true,
            name if wants_name && is_name(name) => wants_name = false,
            _ => return false,
        }
    }
    depth == 0 && !wants_name
}

fn is_name(word: &str) -> bool {
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '+' | ':');
    !matches!(word, "AND" | "OR" | "WITH") && word.chars().all(is_legal)
}

#[cfg(test)]
mod tests {
    use super::{Licence, read};

    fn check(text: &str, expected: Result<&str, &str>) {
        let expected = match expected {
            Ok(text) => Licence::Expression(text.to_owned()),
            Err(text) => Licence::Name(text.to_owned()),
        };
        assert_eq!(read(text), Some(expected), "{text}");
    }

    #[test]
    fn an_expression_is_one() {
        check("MIT", Ok("MIT"));
        check("MIT/Apache-2.0", Ok("MIT OR Apache-2.0"));
        check(
            "MIT OR (Apache-2.0 WITH LLVM-exception)",
            Ok("MIT OR (Apache-2.0 WITH LLVM-exception)"),
        );
        check("LicenseRef-mine", Ok("LicenseRef-mine"));
    }

    #[test]
    fn other_words_are_a_name() {
        for text in ["see LICENSE", "MIT OR", "(MIT", "MIT, Apache-2.0", "OR", ")("] {
            check(text, Err(text));
        }
        assert_eq!(read(" "), None);
    }
}
