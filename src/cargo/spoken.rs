//! What the text of code that runs while others are built says of files: a quick look, without tokens.
//!
//! Macros are many, and so are the crates they are made of. Of their text counts which strings name
//! something that lies beside the workspace's packages, and whether the code opens files and goes up the tree.

use std::collections::BTreeSet;

/// Names that lie in the directories which such code may search.
#[derive(Debug, Default)]
pub struct Known {
    names: BTreeSet<String>,
    starts: BTreeSet<u8>,
    variables: Vec<String>,
}

/// What a text says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// Whether it opens files, or asks for them.
    pub opens: bool,
    /// Whether it goes from a directory to the one above.
    pub climbs: bool,
    /// Whether it may go to the top of the workspace.
    pub climbs_far: bool,
    /// Whether it looks for the workspace's lock file.
    pub asks_for_the_lock: bool,
    /// Paths whose first part is known.
    pub names: BTreeSet<String>,
    /// Variables of `[env]` that it names.
    pub variables: BTreeSet<String>,
}

/// Words of code that opens files, or asks for them.
const OPENS: [&str; 4] = ["fs", "read_dir", ".exists()", ".is_file()"];

/// Words of code that goes up.
const CLIMBS: [&str; 4] = ["ancestors", "parent", "pop", "current_dir"];

/// Words of a file whose strings may be paths; `Path` alone is syn's, too.
const PATHS: [&str; 3] = ["PathBuf", "fs", "File"];

/// A longer string is no name.
const LONGEST: usize = 200;

/// Up to this length a text is found many bytes at a time.
const SHORT: usize = 8;

/// How much of a name must stand before a part that is not known.
const SHORTEST: usize = 3;

impl Known {
    /// Of these names, and of the variables that code may make paths of.
    #[must_use]
    pub fn new(names: BTreeSet<String>, variables: Vec<String>) -> Self {
        let starts = names.iter().filter_map(|name| name.bytes().next()).collect();
        Self { names, starts, variables }
    }

    /// The paths that a string names, as far as their first part is known. Of `{dir}/name.{kind}` all
    /// that starts with `name.` counts.
    fn paths(&self, literal: &str, found: &mut BTreeSet<String>) {
        let mut rest = literal;
        while !rest.is_empty() {
            let (piece, after) = match rest.split_once('{') {
                Some((piece, hole)) => (piece, hole.split_once('}').map_or("", |(_, after)| after)),
                None => (rest, ""),
            };
            let goes_on = piece.len() < rest.len();
            rest = after;
            let piece = piece.strip_prefix("./").unwrap_or(piece).trim_start_matches('/');
            let (first, more) = piece.split_once('/').unwrap_or((piece, ""));
            if goes_on && !piece.contains('/') {
                if first.len() >= SHORTEST {
                    let all = self.names.range(first.to_owned()..);
                    found.extend(all.take_while(|name| name.starts_with(first)).cloned());
                }
            } else if self.names.contains(first) {
                let path = match goes_on {
                    true => piece.rsplit_once('/').map_or(first, |(dir, _)| dir),
                    false if more.is_empty() => first,
                    false => piece.trim_end_matches('/'),
                };
                found.insert(path.to_owned());
            }
        }
    }
}

impl Spoken {
    /// Adds what a file says.
    pub fn add(&mut self, text: &str, known: &Known) {
        let text = without_tests(text);
        self.opens = self.opens || opens(text);
        let says = |words: &[&str]| words.iter().any(|word| has_word(text, word));
        self.climbs = self.climbs || says(&CLIMBS);
        self.climbs_far =
            self.climbs_far || says(&["ancestors", "pop"]) || text.contains("workspac");
        self.asks_for_the_lock = self.asks_for_the_lock || text.contains("go.lock\"");
        let named = known.variables.iter().filter(|name| has_word(text, name));
        self.variables.extend(named.cloned());
        if known.names.is_empty() || !(says(&PATHS) || text.contains("std::path")) {
            return;
        }
        for (at, _) in text.match_indices('"') {
            let rest = &text[at + 1..];
            let first = rest.trim_start_matches(['.', '/']).bytes().next().unwrap_or_default();
            let starts = |byte: u8| known.starts.contains(&byte);
            if !(starts(first) || rest.starts_with('{') || rest.starts_with('.') && starts(b'.')) {
                continue;
            }
            let Some(end) = rest.bytes().take(LONGEST).position(|byte| byte == b'"') else {
                continue;
            };
            if !rest[..end].contains('\n') && !is_comment(text, at) {
                known.paths(&rest[..end], &mut self.names);
            }
        }
    }
}

/// Whether the code of a file opens files.
#[must_use]
pub fn opens(text: &str) -> bool {
    let text = without_tests(text);
    OPENS.iter().any(|word| has_word(text, word))
}

/// The text before its unit tests.
fn without_tests(text: &str) -> &str {
    let tests = if text.contains("cfg(test") { text.find("#[cfg(test)]\nmod ") } else { None };
    tests.map_or(text, |end| &text[..end])
}

/// Whether the code in a text has a word; what a comment says is no code.
fn has_word(text: &str, word: &str) -> bool {
    // A short text is found fast, and most texts have none.
    if !text.contains(word.get(..SHORT).unwrap_or(word)) {
        return false;
    }
    let is_part = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let bytes = text.as_bytes();
    text.match_indices(word).any(|(at, _)| {
        let starts = word.starts_with('.')
            || !is_part(at.checked_sub(1).and_then(|before| bytes.get(before)));
        let ends = word.ends_with(')') || !is_part(bytes.get(at + word.len()));
        starts && ends && !is_comment(text, at)
    })
}

/// Whether the line of a place is a comment.
fn is_comment(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    line.trim_start().starts_with("//")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Known, Spoken};

    fn of(text: &str) -> Spoken {
        let known = [".env", ".env.local", "locales", "settings.toml", "data"];
        let mut spoken = Spoken::default();
        spoken.add(
            text,
            &Known::new(known.into_iter().map(str::to_owned).collect(), vec!["DIR".to_owned()]),
        );
        spoken
    }

    #[track_caller]
    fn names(text: &str, expected: &str) {
        let found: Vec<String> = of(text).names.into_iter().collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn strings_that_name_what_is_there() {
        names(r#"use std::fs; const NAME: &str = ".env"; x("other.toml")"#, ".env");
        names(r#"PathBuf::from("./locales/en.yml"); join("/data/")"#, "data locales/en.yml");
        names(r#"fs::read(format!("{root}/settings.toml"))"#, "settings.toml");
        names(r#"fs::read(root.join(format!(".env.{mode}")))"#, ".env.local");
        names(r#"fs::read(format!("{dir}/data/{name}.txt"))"#, "data");
        names(
            r#"fs::read(x); // like ".env"
            /// ".env" it is
            y("settings.tom")"#,
            ".env",
        );
        names("fs::read(x);\n    // as in \".env\"\n", "");
        names("fs::read(x);\n#[cfg(test)]\nmod tests { const A: &str = \".env\"; }", "");
        // No word of paths: a string is a string.
        names(r#"match word { "data" => 1, _ => 2 }"#, "");
    }

    #[test]
    fn words() {
        let quiet = of("/// use std::fs;\nfn main() { offset(profile); parents(); }");
        assert!(!quiet.opens && !quiet.climbs && !quiet.asks_for_the_lock);
        let loud = of(r#"use std::{env, fs}; dir.parent(); join("Cargo.lock")"#);
        assert!(loud.opens && loud.climbs && loud.asks_for_the_lock);
        assert!(of(r#"env("DIR")"#).variables.contains("DIR"));
        assert!(of(r#"env("MY_DIR")"#).variables.is_empty());
        // A variable may have any name.
        let known = Known::new(BTreeSet::new(), vec!["aÄÖÜÄÖÜ".to_owned()]);
        let mut spoken = Spoken::default();
        spoken.add(r#"use std::fs; env("aÄÖÜÄÖÜ")"#, &known);
        assert_eq!(spoken.variables.len(), 1);
    }
}
