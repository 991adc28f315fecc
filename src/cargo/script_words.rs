//! What a build script can do, by the words in its text.

use proc_macro2::{TokenStream, TokenTree};

use super::tokens::string;

/// What a script can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Whether it may open files at all, or hand on where they are.
    pub opens: bool,
    /// Whether it may list directories, itself or by a program that it starts.
    pub lists: bool,
}

/// Words without which a script opens no file.
const OPENS: [&str; 10] = [
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
const LISTS: [&str; 3] = ["read_dir", "extern", "unsafe"];

/// Programs that tell of a checkout, the time or the machine, and read no source: what version control
/// keeps for itself no step has.
const TELLERS: [&str; 7] = ["date", "git", "hg", "hostname", "jj", "uname", "whoami"];

impl Words {
    /// Of a script that cannot be read.
    pub const ALL: Self = Self { opens: true, lists: true };

    /// Adds what a file says.
    pub fn add(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(word) => {
                    let word = word.to_string();
                    let starts = word == "Command" && may_read(&tokens[at + 1..]);
                    self.opens |= starts || OPENS.contains(&word.as_str());
                    self.lists |= starts || LISTS.contains(&word.as_str());
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

/// Whether a program may be started that reads sources, where `Command` has `rest` after it: not in an
/// import, and not where the program is one of [`TELLERS`].
fn may_read(rest: &[TokenTree]) -> bool {
    let sign = |token: &TokenTree, signs: &[char]| matches!(token, TokenTree::Punct(punct) if signs.contains(&punct.as_char()));
    match rest {
        [] => false,
        [end, ..] if sign(end, &[';', ',']) => false,
        [a, b, TokenTree::Ident(new), TokenTree::Group(args), ..]
            if sign(a, &[':']) && sign(b, &[':']) && new == "new" =>
        {
            let mut args = args.stream().into_iter();
            let program = args.next().and_then(|first| string(&first.to_string()));
            args.next().is_some() || !program.is_some_and(|name| TELLERS.contains(&name.as_str()))
        }
        _ => true,
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
        assert!(of("fn main() { std::process::Command::new(\"make\"); }").lists);
    }

    #[test]
    fn a_program_that_reads_no_source() {
        let git = of("use std::process::Command; fn main() { Command::new(\"git\").output(); }");
        assert_eq!(git, Words::default());
        assert_eq!(of("use std::process::{Command, Stdio};"), Words::default());
        for text in [
            "fn main() { Command::new(program).output(); }",
            "fn main() { Command::new(\"git\").output(); Command::new(\"cc\").output(); }",
            "use std::process::Command as Run; fn main() { Run::new(\"cc\"); }",
            "fn main() { let start = Command::new; start(\"cc\"); }",
        ] {
            assert_eq!(of(text), Words::ALL, "{text}");
        }
    }
}
