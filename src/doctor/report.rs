//! Findings for people, for programs, and for a bug report.

use std::fmt::Write as _;

use serde_json::json;

use super::{Finding, State};

/// The version of the JSON document.
const FORMAT_VERSION: u32 = 1;

/// What may not leave the machine: texts, each with what stands in for it.
#[derive(Clone, Debug, Default)]
pub struct Private(Vec<(String, &'static str)>);

impl Private {
    /// Paths are taken out wherever they stand; names of users and machines as whole words.
    #[must_use]
    pub fn new(
        directory: Option<String>,
        home: Option<String>,
        names: impl IntoIterator<Item = (String, &'static str)>,
    ) -> Self {
        let path = |path: Option<String>, stand_in| {
            path.filter(|path| path.len() > 1).map(|path| (path, stand_in))
        };
        let mut private: Vec<_> =
            path(directory, "PROJECT").into_iter().chain(path(home, "~")).collect();
        // The longer path first: a project is often below the home.
        private.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        // Everybody knows that there is a root.
        let known = |name: &str| name.is_empty() || matches!(name, "root" | "localhost");
        private.extend(names.into_iter().filter(|(name, _)| !known(name)));
        Self(private)
    }

    /// `text` without what is private.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (private, stand_in) in &self.0 {
            text = if private.starts_with('/') {
                text.replace(private, stand_in)
            } else {
                whole_words(&text, private, stand_in)
            };
        }
        homes(&text)
    }
}

fn whole_words(text: &str, word: &str, stand_in: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let inside = before.chars().next_back().or(out.chars().next_back().filter(|_| at == 0));
        let whole = !inside.is_some_and(part) && !after.starts_with(part);
        out.push_str(before);
        out.push_str(if whole { stand_in } else { word });
        rest = after;
    }
    out + rest
}

/// Other people's homes: `/home/NAME` without the name.
fn homes(text: &str) -> String {
    let mut parts = text.split("/home/");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(part.len());
        out.push_str("/home/USER");
        out.push_str(&part[end..]);
    }
    out
}

/// For people.
#[must_use]
pub fn text(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let mark = match finding.state {
            State::Good => "ok",
            State::Note => "-",
            State::Weak => "weak",
            State::Missing => "MISSING",
        };
        let Finding { check, found, cure, .. } = finding;
        writeln!(out, "{mark:>7}  {check}: {found}").expect("a string takes every line");
        if let Some(cure) = cure {
            writeln!(out, "           cure: {cure}").expect("a string takes every line");
        }
    }
    out
}

/// For programs.
#[must_use]
pub fn json(findings: &[Finding]) -> String {
    let worst = findings.iter().map(|finding| finding.state).max().unwrap_or(State::Good);
    let document = json!({
        "format_version": FORMAT_VERSION,
        "ready": worst != State::Missing,
        "findings": findings,
    });
    format!("{document:#}\n")
}

/// For a bug report: the findings and the versions, and nothing that is private.
#[must_use]
pub fn report(findings: &[Finding], kernel: &str, private: &Private) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let body = format!("rbn-plan {version} on {kernel}\n\n{}", text(findings));
    private.scrub(&body)
}
