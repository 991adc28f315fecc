//! Whether a licence is allowed: an SPDX expression against a list.

use std::collections::BTreeSet;

use crate::plan::licence::{self, Licence};

/// Whether what a manifest says, `license`, is allowed by a list of licences: of `A OR B` one is enough, of
/// `A AND B` it takes both. A licence with an exception is one of its own, `A WITH B`, as the list names it.
/// Words that are no expression are looked for as they are.
#[must_use]
pub fn is_allowed(license: &str, list: &BTreeSet<&str>) -> bool {
    match licence::read(license) {
        None => false,
        Some(Licence::Name(words)) => list.contains(words.as_str()),
        Some(Licence::Expression(text)) => {
            let spaced = text.replace('(', " ( ").replace(')', " ) ");
            let mut words = spaced.split_whitespace().peekable();
            any(&mut words, list)
        }
    }
}

type Words<'t> = std::iter::Peekable<std::str::SplitWhitespace<'t>>;

/// `OR` binds less than `AND`. Brackets match: the expression was read before.
fn any(words: &mut Words<'_>, list: &BTreeSet<&str>) -> bool {
    let mut found = all(words, list);
    while words.next_if_eq(&"OR").is_some() {
        found |= all(words, list);
    }
    found
}

fn all(words: &mut Words<'_>, list: &BTreeSet<&str>) -> bool {
    let mut found = one(words, list);
    while words.next_if_eq(&"AND").is_some() {
        found &= one(words, list);
    }
    found
}

fn one(words: &mut Words<'_>, list: &BTreeSet<&str>) -> bool {
    let Some(word) = words.next() else { return false };
    if word == "(" {
        let found = any(words, list);
        words.next_if_eq(&")");
        return found;
    }
    if words.next_if_eq(&"WITH").is_some() {
        let exception = words.next().unwrap_or_default();
        return list.contains(format!("{word} WITH {exception}").as_str());
    }
    // `GPL-2.0+`: or a later one, so the one itself.
    list.contains(word) || word.strip_suffix('+').is_some_and(|plain| list.contains(plain))
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn an_expression_is_allowed_by_what_it_needs() {
        let list = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "see LICENSE"];
        let list = list.into_iter().collect();
        for (license, expected) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0/MIT", true),
            ("MIT AND GPL-3.0", false),
            ("MIT AND Apache-2.0", true),
            ("GPL-3.0 AND MIT OR Apache-2.0", true),
            ("GPL-3.0 AND (MIT OR Apache-2.0)", false),
            ("(GPL-3.0 OR MIT) AND Apache-2.0", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
            ("Apache-2.0+", true),
            ("see LICENSE", true),
            ("see COPYING", false),
            ("mit", false),
            ("", false),
        ] {
            assert_eq!(is_allowed(license, &list), expected, "{license}");
        }
    }
}
