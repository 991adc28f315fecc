//! Differences as Markdown, for a comment on a pull request.

use super::words::{lines, machines, on_machine, selection, sign, subject, totals, what};
use crate::review::Diff;
use crate::text::words::count;

/// How many changes are shown before the rest is folded away.
const SHOWN: usize = 20;

/// A difference as Markdown.
#[must_use]
pub fn diff(diff: &Diff) -> String {
    if diff.is_empty() {
        return "**Plan:** no changes.\n".to_owned();
    }
    let mut text = String::new();
    for (name, sentence) in [("Selection", selection(diff)), ("Build machines", machines(diff))] {
        if let Some(sentence) = sentence {
            text.push_str(&format!("**{name}:** {}.\n\n", sentence_with_code(&sentence)));
        }
    }
    changes(diff, &mut text);
    for other in &diff.machines.others {
        let (sentence, there) = on_machine(diff, other);
        text.push_str(&format!("\n{sentence}\n"));
        if let Some(there) = there {
            text.push('\n');
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
    text.push_str(&format!("**Plan:** {changes}; {rebuilds}.\n\n"));
    let rows: Vec<String> = lines(diff)
        .iter()
        .map(|line| {
            format!(
                "| `{}` | {} | {} |\n",
                sign(line.entry.sign),
                code(&subject(line.entry)),
                escape(&what(line))
            )
        })
        .collect();
    let head = "| | what | why, and what follows |\n|---|---|---|\n";
    let (shown, rest) = rows.split_at(rows.len().min(SHOWN));
    text.push_str(head);
    text.extend(shown.iter().map(String::as_str));
    if !rest.is_empty() {
        let summary = count(rest.len(), "further change");
        text.push_str(&format!("\n<details><summary>{summary}</summary>\n\n{head}"));
        text.extend(rest.iter().map(String::as_str));
        text.push_str("\n</details>\n");
    }
}

/// A sentence whose parts between backticks are code already.
fn sentence_with_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(at, part)| match at % 2 {
        0 => escape(part),
        _ => format!("`{part}`"),
    });
    parts.collect()
}

/// A text in a cell, which starts no markup.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            // `@name` would call somebody.
            '@' => escaped.push_str("&#64;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '#' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// A text in a cell, as code.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}
