//! Differences as text: 80 columns, no colour needed.

use super::words::{lines, sign, subject, totals, what};
use crate::review::Diff;
use crate::text::words::wrap;

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
    let lines = lines(diff);
    let width = lines.iter().map(|line| subject(line.entry).chars().count());
    let width = width.max().unwrap_or(0).min(SUBJECT);
    for line in &lines {
        let subject = subject(line.entry);
        let first = format!("  {} {subject:<width$}  ", sign(line.entry.sign));
        let what = what(line);
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
