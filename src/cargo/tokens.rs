//! Rust's tokens, as far as paths in a source file need them.

use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

/// The tokens of a text, if it is Rust.
#[must_use]
pub fn tokens(text: &str) -> Option<TokenStream> {
    TokenStream::from_str(text).ok()
}

/// The value of a string literal, near enough for a path: escapes other than `\\` and `\"` are
/// left alone.
#[must_use]
pub fn string(literal: &str) -> Option<String> {
    let start = literal.find('"')?;
    if !matches!(literal[..start].trim_end_matches('#'), "" | "r" | "b" | "br" | "c" | "cr") {
        return None;
    }
    let end = literal.rfind('"').filter(|end| *end > start)?;
    let text = &literal[start + 1..end];
    let raw = literal[..start].contains('r');
    Some(if raw { text.to_owned() } else { text.replace("\\\\", "\\").replace("\\\"", "\"") })
}

/// A token stream, split at its commas.
pub fn commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![Vec::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => parts.push(Vec::new()),
            _ => parts.last_mut().expect("there is always a part").push(token),
        }
    }
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.map(|part| part.into_iter().collect()).collect()
}
