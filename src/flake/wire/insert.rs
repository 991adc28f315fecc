//! Adding bindings at the end of a set, in the layout that the set has.

use rnix::{SyntaxElement, SyntaxKind, ast};
use rowan::ast::AstNode as _;

/// Longer lines are not made by joining one that is there, in characters.
const WIDTH: usize = 100;

/// New text and where it goes.
pub(super) struct Insertion {
    pub(super) at: usize,
    pub(super) text: String,
}

/// Puts `lines` behind everything that `set` holds, its comments included.
pub(super) fn insertion(set: &ast::AttrSet, lines: &[String], source: &str) -> Option<Insertion> {
    let brace: usize = set.r_curly_token()?.text_range().start().into();
    let open: usize = set.l_curly_token()?.text_range().end().into();
    let inside = source.get(open..brace)?;
    let last = set
        .syntax()
        .children_with_tokens()
        .take_while(|element| element.kind() != SyntaxKind::TOKEN_R_BRACE)
        .filter(|element| element.kind() != SyntaxKind::TOKEN_WHITESPACE)
        .last()?;
    let at: usize = last.text_range().end().into();
    let tail = source.get(at..brace)?;
    let newline = if source.contains("\r\n") { "\r\n" } else { "\n" };
    let outer = line_indent(source, brace);
    if !inside.contains('\n') {
        // `{ a = 1; }` stays on its line if it can; such a set holds no comment to the line's end.
        let width = source.get(..at)?.rsplit('\n').next()?.chars().count();
        if let [line] = lines
            && width + line.chars().count() < WIDTH
        {
            let space = if tail.is_empty() { " " } else { "" };
            return Some(Insertion { at, text: format!(" {line}{space}") });
        }
    }
    let indent = entry_indent(set, source).unwrap_or_else(|| format!("{outer}  "));
    let mut text: String = lines.iter().map(|line| format!("{newline}{indent}{line}")).collect();
    if !tail.contains('\n') {
        // The brace gets a line of its own; white space that was before it is part of its indent.
        text.push_str(newline);
        text.push_str(outer.get(tail.len()..).unwrap_or(""));
    }
    Some(Insertion { at, text })
}

/// The white space before the last entry that begins a line.
fn entry_indent(set: &ast::AttrSet, source: &str) -> Option<String> {
    let entries = set.syntax().children_with_tokens().filter_map(SyntaxElement::into_node);
    let indents = entries.filter_map(|entry| {
        let start: usize = entry.text_range().start().into();
        let line = source.get(..start)?.rsplit('\n').next()?;
        let own =
            source.get(..start)?.contains('\n') && line.chars().all(|c| c == ' ' || c == '\t');
        own.then(|| line.to_owned())
    });
    indents.last()
}

/// The white space that begins the line of `at`.
fn line_indent(source: &str, at: usize) -> String {
    let line = source.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or("");
    line.chars().take_while(|c| *c == ' ' || *c == '\t').collect()
}
