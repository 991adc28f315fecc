//! Differences as text: 80 columns, no colour needed.

use super::words::{lines, machines, on_machine, selection, sign, subject, totals, what};
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
    let mut text = String::new();
    for (name, sentence) in [("Selection: ", selection(diff)), ("Build machines: ", machines(diff))]
    {
        if let Some(sentence) = sentence {
            text.push_str(&wrap(name, &sentence, 2));
            text.push('\n');
        }
    }
    changes(diff, &mut text);
    for other in &diff.machines.others {
        let (sentence, there) = on_machine(diff, other);
        text.push_str(&format!("{sentence}\n"));
        if let Some(there) = there {
            changes(there, &mut text);
        }
    }
    text
}

/// The sums and the entries.
fn changes(diff: &Diff, text: &mut String) {
    if diff.entries.is_empty() {
        text.push_str("No step changes.\n");
        return;
    }
    let (changes, rebuilds) = totals(diff);
    text.push_str(&wrap("Plan: ", &format!("{changes}; {rebuilds}"), 6));
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
}
