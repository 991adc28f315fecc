//! What clippy found: rustc's diagnostics, each once.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::reports::Checked;

/// A diagnostic, as far as it is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Lint {
    /// `warning`, `error`.
    pub level: String,
    /// As the compiler shows it.
    #[serde(default)]
    pub rendered: Option<String>,
    #[serde(default)]
    spans: Vec<Span>,
    message: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Span {
    file_name: String,
    byte_start: u64,
}

/// All that clippy said, each thing once: a library and its tests are linted both. The second
/// list has what is no diagnostic.
#[must_use]
pub fn of(all: &[Checked]) -> (Vec<Lint>, Vec<String>) {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    let mut known = BTreeSet::new();
    for checked in all {
        for line in checked.said.1.lines().filter(|line| !line.trim().is_empty()) {
            let Ok(lint) = serde_json::from_str::<Lint>(line) else {
                others.push(line.to_owned());
                continue;
            };
            // Only sums: `3 warnings emitted`, `aborting due to 1 previous error`.
            let is_sum = lint.spans.is_empty()
                && (lint.message.contains(" emitted") || lint.message.starts_with("aborting due"));
            if !is_sum && known.insert(lint.clone()) {
                found.push(lint);
            }
        }
    }
    (found, others)
}
