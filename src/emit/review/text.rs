//! Differences as text: 80 columns, no colour needed.

use super::words::{sign, subject, totals, what, wrap};
use crate::review::Diff;

/// The widest that the column of subjects grows.
const SUBJECT: usize = 36;

/// A difference as text.
#[must_use]
pub fn diff(diff: &Diff) -> String {
    if diff.is_empty() {
        return "No changes.\n".to_owned();
    }
    let (changes, rebuilds) = totals(diff);
    let mut text = wrap("Plan: ", &format!("{changes}; {rebuilds}"), 6);
    text.push('\n');
    let width = diff.entries.iter().map(|entry| subject(entry).chars().count());
    let width = width.max().unwrap_or(0).min(SUBJECT);
    for entry in &diff.entries {
        let subject = subject(entry);
        let first = format!("  {} {subject:<width$}  ", sign(entry.sign));
        let what = what(entry);
        let line = if subject.chars().count() > width {
            // A long subject has the line for itself.
            format!("{}\n{}", first.trim_end(), wrap(&" ".repeat(width + 6), &what, width + 6))
        } else {
            wrap(&first, &what, width + 6)
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}
