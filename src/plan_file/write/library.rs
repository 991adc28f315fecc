//! The text that is the same in every plan: the library, which makes derivations of facts, and the
//! builder, which runs them.

use crate::nix::escape;
use crate::plan_file::read;

/// What stands in every plan after its facts: bindings of one `let`, cut by noun.
pub(super) const LIBRARY: &str = concat!(
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

/// The builder's text as a string of a plan.
pub(super) fn builder() -> String {
    escape::indented(&rbn_builder::source(), 4)
}

/// A digest of the library and the builder, as they stand in every plan.
#[must_use]
pub fn recipe() -> String {
    read::recipe(&format!("{LIBRARY}\n  builderText = {};", builder()))
}
