//! Differences as Markdown, for a comment on a pull request.

use super::words::{lines, sign, subject, totals, what};
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
    let (changes, rebuilds) = totals(diff);
    let mut text = format!("**Plan:** {changes}; {rebuilds}.\n\n");
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
    text
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
