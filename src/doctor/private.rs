//! What may not leave the machine with a bug report.

/// Paths below these are the same on many machines, and tell nothing of anybody.
const PUBLIC: [&str; 11] = [
    "/bin",
    "/dev",
    "/etc/nix",
    "/lib",
    "/lib64",
    "/nix",
    "/proc",
    "/run/rbn-plan",
    "/sbin",
    "/usr",
    "/var/cache/rbn-plan",
];

/// What a home holds on many machines.
const COMMON: [&str; 2] = ["~/.cargo", "~/.rustup"];

/// Beginnings of addresses without `://`.
const FORGES: [&str; 3] = ["github:", "gitlab:", "sourcehut:"];

/// Shorter values of variables are everybody's words.
const SHORT: usize = 6;

/// Names that everybody knows.
const KNOWN: [&str; 4] = ["", "localhost", "root", env!("CARGO_PKG_NAME")];

/// What may not leave the machine: texts, each with what stands in for it.
#[derive(Clone, Debug, Default)]
pub struct Private {
    places: Vec<(String, &'static str)>,
    words: Vec<(String, String)>,
}

impl Private {
    /// `places` are directories; `names` are those of users and machines; `variables` are an
    /// environment's, of which the values are taken out.
    #[must_use]
    pub fn new(
        places: impl IntoIterator<Item = (String, &'static str)>,
        names: impl IntoIterator<Item = (String, &'static str)>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut places: Vec<_> = places.into_iter().filter(|(path, _)| path.len() > 1).collect();
        let names = names.into_iter().map(|(name, stand_in)| (name, stand_in.to_owned()));
        let values = variables.into_iter().filter(|(_, value)| value.len() >= SHORT);
        let values = values.map(|(name, value)| (value, format!("${name}")));
        let mut words: Vec<_> =
            names.chain(values).filter(|(word, _)| !KNOWN.contains(&word.as_str())).collect();
        // The longer one first: a project is often below the home, and a name part of a value.
        places.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        Self { places, words }
    }

    /// `text` without what is private.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (place, stand_in) in &self.places {
            text = replace(&text, place, stand_in);
        }
        text = elsewhere(&text);
        for (word, stand_in) in &self.words {
            text = replace(&text, word, stand_in);
        }
        text
    }
}

/// Replaces `word` where it stands by itself: `ann`, not `annual`; `/home/ann`, not `/home/anna`.
fn replace(text: &str, word: &str, stand_in: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let inside = before.chars().next_back().or(out.chars().next_back());
        let whole = !inside.is_some_and(part) && !after.starts_with(part);
        out.push_str(before);
        out.push_str(if whole { stand_in } else { word });
        rest = after;
    }
    out + rest
}

/// Paths that are not on every machine, and addresses.
fn elsewhere(text: &str) -> String {
    let ends = |c: char| c.is_whitespace() || "\"'`()<>[]{},;|".contains(c);
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(ends).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        out.push_str(&public(word));
        let next = after.chars().next().map_or(0, char::len_utf8);
        out.push_str(&after[..next]);
        rest = &after[next..];
    }
    out
}

/// A word without the letter of a flag, or the `@`, that a path may be attached to: `-L/a`, `@~/b`.
fn attached(word: &str) -> &str {
    let flag =
        |word: &str| word.trim_start_matches('-').trim_start_matches(char::is_alphabetic).len();
    let start = match word.chars().next() {
        Some('-') => word.len() - flag(word),
        Some('@') => 1,
        _ => 0,
    };
    let rest = &word[start..];
    if rest.starts_with(['/', '~']) { rest } else { word }
}

/// A word without white space as a report may show it.
fn public(word: &str) -> String {
    let address = word.contains("://") || FORGES.iter().any(|forge| word.contains(forge));
    if address {
        return "URL".to_owned();
    }
    let below = |path: &str, dir: &str| {
        path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // `a=/b:/c` holds two paths.
    let parts = word.split_inclusive([':', '=']).map(|part| {
        let path = attached(part).trim_end_matches([':', '=', '.', '?']);
        let hidden = match path.chars().next() {
            Some('/') => path.len() > 1 && !PUBLIC.iter().any(|dir| below(path, dir)),
            Some('~') => path.len() > 2 && !COMMON.iter().any(|dir| below(path, dir)),
            _ => false,
        };
        if hidden { part.replacen(path, "PATH", 1) } else { part.to_owned() }
    });
    parts.collect()
}
