//! Small readings of syntax nodes.

use rnix::ast::{self, AstToken, InterpolPart};
use rnix::{SyntaxKind, SyntaxNode, SyntaxToken};
use rowan::ast::AstNode;

use super::span::Span;
use super::value::Unknown;
use crate::text::visible;

/// How much of an expression a message quotes, in characters.
const EXCERPT: usize = 56;

/// Where a node stands.
pub(super) fn span_of(node: &impl AstNode<Language = rnix::NixLanguage>) -> Span {
    node.syntax().text_range().into()
}

/// The expression as one that only Nix can compute.
pub(super) fn unknown(node: &SyntaxNode) -> Unknown {
    let mut text = String::new();
    for token in node.descendants_with_tokens().filter_map(|element| element.into_token()) {
        match token.kind() {
            SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT => {
                if !text.ends_with(' ') {
                    text.push(' ');
                }
            }
            _ => {
                text.extend(token.text().chars().map(|c| if visible::steers(c) { ' ' } else { c }))
            }
        }
        if text.chars().count() > EXCERPT {
            text = text.chars().take(EXCERPT).collect::<String>().trim_end().to_owned();
            text.push_str("...");
            break;
        }
    }
    Unknown { text: text.trim().to_owned(), span: node.text_range().into() }
}

/// The name of an identifier.
pub(super) fn identifier(ident: &ast::Ident) -> String {
    ident.syntax().text().to_string()
}

/// The token of a literal with its kind.
pub(super) fn literal_token(literal: &ast::Literal) -> Option<SyntaxToken> {
    literal.syntax().children_with_tokens().find_map(|element| element.into_token())
}

/// The pieces of a string: text with its escapes read, and interpolated expressions.
pub(super) fn string_parts(string: &ast::Str) -> Vec<InterpolPart<String>> {
    let indented = string.syntax().first_token().is_some_and(|token| token.text() == "''");
    if indented {
        return string.normalized_parts();
    }
    string
        .parts()
        .map(|part| match part {
            InterpolPart::Literal(content) => {
                InterpolPart::Literal(unescape(content.syntax().text()))
            }
            InterpolPart::Interpolation(interpolation) => {
                InterpolPart::Interpolation(interpolation)
            }
        })
        .collect()
}

/// Reads the escapes of a `"..."` string; a raw line break of any kind is a newline, as in Nix.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some(other) => text.push(other),
                None => {}
            },
            '\r' => {
                chars.next_if_eq(&'\n');
                text.push('\n');
            }
            other => text.push(other),
        }
    }
    text
}
