//! What `concat!` makes of texts and variables.

use proc_macro2::{TokenStream, TokenTree};

use super::code_variables::{self, CodeVariables};
use super::tokens::{commas, string};

/// The parts of a `concat!` as one text, up to the first that is not known; whether it starts with
/// a path from the package's directory. `None` where it starts elsewhere.
pub(super) fn joined(known: &CodeVariables, parts: TokenStream) -> Option<(bool, String)> {
    let mut base = None;
    let mut path = String::new();
    for (at, part) in commas(parts).into_iter().enumerate() {
        let tokens: Vec<TokenTree> = part.into_iter().collect();
        let name = match tokens.as_slice() {
            [TokenTree::Ident(env), _, TokenTree::Group(name)] if env == "env" => {
                Some(variable(name.stream()))
            }
            _ => None,
        };
        let name = name.as_deref();
        match tokens.as_slice() {
            [TokenTree::Literal(literal)] => {
                path.push_str(&string(&literal.to_string()).unwrap_or_default());
            }
            _ if at == 0 => base = Some(known.path(name?)?),
            // The directory of what is named by a variable.
            _ => match name.and_then(|name| known.text(name)) {
                Some(text) => path.push_str(text),
                None => {
                    path.truncate(path.rfind('/').map_or(0, |slash| slash + 1));
                    break;
                }
            },
        }
    }
    let path = path.trim_start_matches('/').trim_end_matches('/');
    match base {
        Some(base) if !path.is_empty() => Some((true, code_variables::joined(base, path))),
        _ => (!path.is_empty()).then(|| (false, path.to_owned())),
    }
}

/// The variable that a `concat!` starts with.
pub(super) fn first_variable(parts: TokenStream) -> String {
    let tokens: Vec<TokenTree> = parts.into_iter().take(3).collect();
    match tokens.as_slice() {
        [TokenTree::Ident(env), _, TokenTree::Group(name)] if env == "env" => {
            variable(name.stream())
        }
        _ => String::new(),
    }
}

/// The name of the variable that `env!` is given.
pub(super) fn variable(args: TokenStream) -> String {
    let first = args.into_iter().next().map(|name| name.to_string()).unwrap_or_default();
    string(&first).unwrap_or_default()
}
