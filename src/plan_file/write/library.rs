//! The text that is the same in every plan: the library, which makes commands of facts, and the
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
    include_str!("../../../templates/lib/files.nix"),
    "\n",
    include_str!("../../../templates/lib/places.nix"),
    "\n",
    include_str!("../../../templates/lib/sources.nix"),
    "\n",
    include_str!("../../../templates/lib/packages.nix"),
    "\n",
    include_str!("../../../templates/lib/profiles.nix"),
    "\n",
    include_str!("../../../templates/lib/overrides.nix"),
    "\n",
    include_str!("../../../templates/lib/steps.nix"),
    "\n",
    include_str!("../../../templates/lib/compile.nix"),
    "\n",
    include_str!("../../../templates/lib/run.nix"),
    "\n",
    include_str!("../../../templates/lib/collect.nix"),
    "\n",
    include_str!("../../../templates/lib/develop.nix"),
);

/// The builder of every step, in one text, cut by noun: what every step does first, threads, the compile
/// cache, compiling, running build scripts, collecting; and in the end the call of one of them.
pub(super) const BUILDER: &str = concat!(
    include_str!("../../../templates/builder/step.sh"),
    "\n",
    include_str!("../../../templates/builder/jobserver.sh"),
    "\n",
    include_str!("../../../templates/builder/compiler.sh"),
    "\n",
    include_str!("../../../templates/builder/cache.sh"),
    "\n",
    include_str!("../../../templates/builder/compile.sh"),
    "\n",
    include_str!("../../../templates/builder/protocol.sh"),
    "\n",
    include_str!("../../../templates/builder/run.sh"),
    "\n",
    include_str!("../../../templates/builder/collect.sh"),
    "\n",
    include_str!("../../../templates/builder/act.sh"),
);

/// The builder as a string of a plan.
pub(super) fn builder() -> String {
    escape::indented(BUILDER, 4)
}

/// A digest of the library and the builder, as they stand in every plan.
#[must_use]
pub fn recipe() -> String {
    read::recipe(&format!("{LIBRARY}\n  builderText = {};", builder()))
}
