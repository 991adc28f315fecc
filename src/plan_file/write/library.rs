//! The text that is the same in every plan: the library, which makes derivations of facts, and the
//! builder, which runs them.

use crate::nix::escape;
use crate::plan_file::read;

/// What stands in plans after their facts: bindings of one `let`, cut by noun. A line that ends in one of
/// [`MARKS`] is of some plans only.
const LIBRARY: &str = concat!(
    include_str!("../../../templates/lib/words.nix"),
    "\n",
    include_str!("../../../templates/lib/tools.nix"),
    "\n",
    include_str!("../../../templates/lib/kinds.nix"),
    "\n",
    include_str!("../../../templates/lib/sources.nix"),
    "\n",
    include_str!("../../../templates/lib/packages.nix"),
    "\n",
    include_str!("../../../templates/lib/overrides.nix"),
    "\n",
    include_str!("../../../templates/lib/split.nix"),
    "\n",
    include_str!("../../../templates/lib/steps.nix"),
    "\n",
    include_str!("../../../templates/lib/collect.nix"),
    "\n",
    include_str!("../../../templates/lib/develop.nix"),
);

/// What stands after that in plans of checks.
pub(super) const CHECKS: &str = include_str!("../../../templates/lib/checks.nix");

/// The text that makes the checker of the builder, as strings of a plan: what it takes the place
/// of, and what it is.
pub(super) fn checker() -> (String, String) {
    let (instead, more) = rbn_builder::checks();
    (escape::indented(instead, 4), escape::indented(&more, 4))
}

/// What the lines of plans of rustc's own build end in, and the lines that these are without.
const MARKS: [&str; 2] = [" # bootstrap", " # ordinary"];

/// The library of plans, or of those of rustc's own build.
pub(super) fn library(of_bootstrap: bool) -> String {
    let [bootstrap, ordinary] = MARKS;
    let (kept, left) = if of_bootstrap { (bootstrap, ordinary) } else { (ordinary, bootstrap) };
    let lines = LIBRARY.lines().filter(|line| !line.ends_with(left));
    let mut text: String =
        lines.map(|line| format!("{}\n", line.strip_suffix(kept).unwrap_or(line))).collect();
    if of_bootstrap {
        text.push_str(include_str!("../../../templates/lib/bootstrap.nix"));
    } else if !LIBRARY.ends_with('\n') {
        text.pop();
    }
    text
}

/// The builder's text as a string of a plan.
pub(super) fn builder(of_bootstrap: bool) -> String {
    let text = match of_bootstrap {
        true => rbn_builder::source_of_bootstrap(),
        false => rbn_builder::source(),
    };
    escape::indented(&text, 4)
}

/// A digest of the library and the builder, as they stand in plans, or in those of rustc's own build.
#[must_use]
pub fn recipe(of_bootstrap: bool) -> String {
    read::recipe(&format!("{}\n  builderText = {};", library(of_bootstrap), builder(of_bootstrap)))
}
