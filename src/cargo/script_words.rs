//! What a build script can do, by the words in its text.

use proc_macro2::{TokenStream, TokenTree};

/// What a script can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Whether it may open files at all, or hand on where they are.
    pub opens: bool,
    /// Whether it may list directories, itself or by a program that it starts.
    pub lists: bool,
}

/// Words without which a script opens no file.
const OPENS: [&str; 11] = [
    "Command",
    "File",
    "OpenOptions",
    "Path",
    "PathBuf",
    "current_dir",
    "extern",
    "fs",
    "include",
    "mod",
    "unsafe",
];

/// What a script may say without handing on a path of its package.
const SAID: [&str; 9] = [
    "error",
    "rerun-if-changed",
    "rerun-if-env-changed",
    "rustc-cdylib-link-arg",
    "rustc-cfg",
    "rustc-check-cfg",
    "rustc-env",
    "rustc-link-lib",
    "warning",
];

/// Words without which it lists no directory.
const LISTS: [&str; 4] = ["read_dir", "Command", "extern", "unsafe"];

impl Words {
    /// Of a script that cannot be read.
    pub const ALL: Self = Self { opens: true, lists: true };

    /// Adds what a file says.
    pub fn add(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    self.opens |= OPENS.contains(&word.as_str());
                    self.lists |= LISTS.contains(&word.as_str());
                }
                TokenTree::Group(group) => self.add(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let says = directive(&text).is_some_and(|(key, _)| !SAID.contains(&key));
                    self.opens |= says || text.contains("CARGO_MANIFEST");
                }
                TokenTree::Punct(_) => {}
            }
        }
    }
}

/// `cargo:KEY=VALUE` or `cargo::KEY=VALUE`, with or without a quote before it.
pub(super) fn directive(text: &str) -> Option<(&str, &str)> {
    let said = text.trim_start_matches(['r', '#', '"']).strip_prefix("cargo:")?;
    let said = said.strip_prefix(':').unwrap_or(said);
    Some(said.split_once('=').unwrap_or((said, "")))
}

#[cfg(test)]
mod tests {
    use super::Words;

    fn of(text: &str) -> Words {
        let mut words = Words::default();
        words.add(super::super::tokens::tokens(text).expect("Rust"));
        words
    }

    #[test]
    fn what_a_script_can_do() {
        let quiet =
            of(r#"fn main() { println!("cargo:rustc-cfg={}", std::env::var("X").unwrap()); }"#);
        assert!(!quiet.opens && !quiet.lists);
        assert!(of(r#"fn main() { println!("cargo:rustc-link-search=lib"); }"#).opens);
        assert!(
            of(r#"fn main() { println!("cargo:root={}", env!("CARGO_MANIFEST_DIR")); }"#).opens
        );
        let opens = of(r#"fn main() { std::fs::read("x"); }"#);
        assert!(opens.opens && !opens.lists);
        assert!(of("fn main() { std::process::Command::new(\"git\"); }").lists);
    }
}
