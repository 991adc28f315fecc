//! What a plan of coverage adds: the members' own code counts what of it runs.
//!
//! Only theirs, as with cargo-llvm-cov. So what they depend on is the same steps as in every other plan. What
//! runs while others are built (macros, build scripts) is not counted: its runs are those of the compiler.

use std::collections::BTreeSet;

use crate::model::{PackageKey, Plan, Platform};

/// rustc's flag.
pub const FLAG: &str = "-Cinstrument-coverage";

/// Lets the code of `own` packages count what of it runs.
pub fn instrument(plan: &mut Plan, own: &BTreeSet<PackageKey>) {
    for step in plan.graph.node_weights_mut() {
        let is_target = matches!(step.platform, Platform::Target(_));
        if is_target && step.compile().is_some() && own.contains(&step.package) {
            step.additions.rustflags.push(FLAG.to_owned());
        }
    }
}
