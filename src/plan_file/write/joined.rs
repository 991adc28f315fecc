//! The file that joins the plans of checks beside it, for flakes and for those who read jobs.

use serde::Serialize;

use crate::model::Verb;
use crate::template::{self, Template};

#[derive(Serialize)]
struct ChecksFile {
    version: &'static str,
    plans: Vec<Joined>,
}

impl Template for ChecksFile {
    const NAME: &'static str = "checks.nix";
}

#[derive(Serialize)]
struct Joined {
    verb: &'static str,
    file: String,
}

/// The file's name where it lies beside the plan of what is built.
pub const FILE: &str = "checks.nix";

/// The name of the file of a verb's plan, which lies there, too.
#[must_use]
pub fn file_of(verb: Verb) -> String {
    format!("checks-{verb}.nix")
}

/// The file's text.
///
/// # Errors
/// tera's own, which a template that was tested cannot cause.
pub fn render(verbs: impl IntoIterator<Item = Verb>) -> Result<String, tera::Error> {
    let joined = |verb: Verb| Joined { verb: verb.as_str(), file: file_of(verb) };
    let plans = verbs.into_iter().map(joined).collect();
    template::render(&ChecksFile { version: env!("CARGO_PKG_VERSION"), plans })
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::model::Verb;

    #[test]
    fn each_verb_is_read_from_a_file_of_its_own() {
        let text = render([Verb::Test, Verb::Clippy]).expect("a text");
        assert!(rnix::Root::parse(&text).errors().is_empty(), "{text}");
        assert!(text.contains("    test = import ./checks-test.nix arguments;\n"), "{text}");
        assert!(text.contains("    clippy = import ./checks-clippy.nix arguments;\n"), "{text}");
    }
}
