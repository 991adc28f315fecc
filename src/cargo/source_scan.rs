//! A quick look at a source file: may it name anything that its step does not see by itself?
//!
//! Tokens are costly to make, so they are made of files only that have such a text.

use std::collections::BTreeSet;

use super::code_variables::CodeVariables;
use super::left_out::STARTS;

/// What a text must have in it to be worth more than a look.
#[derive(Debug, Default)]
pub struct Look {
    /// Parts of the paths of nested packages.
    pub nested: BTreeSet<String>,
    /// Variables that code makes paths of.
    pub known: CodeVariables,
}

impl Look {
    /// Whether a string in `text` starts as a path does that leads out of what a step sees.
    #[must_use]
    pub fn finds(&self, text: &str) -> bool {
        text.contains("#[path")
            || text.contains(" path = \"")
            || self.known.are_in(text)
            || includes_by_variable(text)
            || self.leads_out(text)
    }

    fn leads_out(&self, text: &str) -> bool {
        text.match_indices('"').any(|(at, _)| {
            let rest = &text[at + 1..];
            if rest.starts_with('$') {
                return rest.starts_with("$CARGO_MANIFEST_DIR")
                    || rest.starts_with("${CARGO_MANIFEST_DIR");
            }
            let rest = rest.strip_prefix("./").or(rest.strip_prefix('/')).unwrap_or(rest);
            // A look at one letter spares most of the work.
            let first = rest.bytes().next().unwrap_or_default();
            if self.nested.is_empty() && !b".tbecfRLCUN".contains(&first) {
                return false;
            }
            if rest.starts_with("..") || STARTS.iter().any(|start| rest.starts_with(start)) {
                return true;
            }
            let end = rest.find(['/', '"']).unwrap_or(0);
            !self.nested.is_empty() && self.nested.contains(&rest[..end])
        })
    }
}

/// Whether a text may include what a variable names that is not Cargo's.
fn includes_by_variable(text: &str) -> bool {
    let is_other = |rest: &str| !rest.starts_with("CARGO_") && !rest.starts_with("OUT_DIR\"");
    text.contains("include")
        && text.match_indices("env!(\"").any(|(at, start)| is_other(&text[at + start.len()..]))
}

#[cfg(test)]
mod tests {
    use super::Look;

    #[test]
    fn a_look_is_enough_for_most() {
        let look = Look { nested: ["site".to_owned()].into(), ..Look::default() };
        for text in [
            r#"include_str!("../../a")"#,
            r#"concat!(env!("CARGO_MANIFEST_DIR"), "/../a")"#,
            r#"include_dir!("$CARGO_MANIFEST_DIR/site")"#,
            r##"include_str!(r#"tests/x"#)"##,
            r#"include_str!(env!("MADE"))"#,
            r#"#[folder = "site/"]"#,
        ] {
            assert!(look.finds(text), "{text}");
        }
        for text in [
            r#"let a = "b/c"; include_str!("a.txt")"#,
            "fn main() {}",
            r#""sites/x""#,
            r#"include!(concat!(env!("OUT_DIR"), "/a.rs"))"#,
        ] {
            assert!(!look.finds(text), "{text}");
        }
    }
}
