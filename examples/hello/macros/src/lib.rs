//! A proc macro without help from other crates.

use proc_macro::{Literal, TokenStream, TokenTree};

/// Turns a plain string literal around, at compile time.
#[proc_macro]
pub fn backwards(input: TokenStream) -> TokenStream {
    let text = input.to_string();
    let turned: String = text.trim_matches('"').chars().rev().collect();
    TokenTree::from(Literal::string(&turned)).into()
}
