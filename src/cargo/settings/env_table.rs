//! The `[env]` table.
//!
//! Source: `EnvConfigValue` and `env_config` of Cargo 1.95.

use std::collections::BTreeMap;

use super::lookup::Lookup;
use super::merged::Origin;

/// Variables that every process has, here and in a sandbox: an entry that is not forced never
/// reaches one.
const ALWAYS_SET: [&str; 2] = ["HOME", "PATH"];

/// rustc's permission to use what is not stable; the user's own reaches all that Cargo starts.
pub const BOOTSTRAP: &str = "RUSTC_BOOTSTRAP";

/// The entries that take effect, with their values and origins.
///
/// An entry without `force` gives way to a variable that is set already. What the planning
/// machine has set must not reach a plan, and the sandbox starts with next to nothing: so the table's
/// value it is. `RUSTC_BOOTSTRAP` is the exception, because without it nothing compiles that has it.
#[must_use]
pub fn effective(lookup: &Lookup) -> BTreeMap<String, (String, Origin)> {
    let mut table = BTreeMap::new();
    for name in lookup.merged.keys(&["env"]) {
        let option = |key: &str| lookup.text(&["env", name, key]);
        let is_on = |key: &str| option(key).is_some_and(|(value, _)| value == "true");
        // Here the name stands in the variable's name as it is.
        let variable = lookup.variable(&format!("CARGO_ENV_{name}"));
        let plain = variable.or_else(|| lookup.text(&["env", name]));
        let Some((value, origin)) = plain.or_else(|| option("value")) else { continue };
        let has_options = lookup.merged.leaf(&["env", name]).is_none();
        if !(has_options && is_on("force")) {
            if ALWAYS_SET.contains(&name) {
                continue;
            }
            if name == BOOTSTRAP && lookup.variables.contains_key(BOOTSTRAP) {
                continue;
            }
        }
        let value = match has_options && is_on("relative") {
            true => origin.root(&lookup.dir).join(&value).into_string(),
            false => value,
        };
        // A process reads the name up to the first `=`, and the rest as the value.
        let (name, value) = match name.split_once('=').filter(|(name, _)| !name.is_empty()) {
            Some((name, more)) => (name, format!("{more}={value}")),
            None => (name, value),
        };
        table.insert(name.to_owned(), (value, origin));
    }
    if !table.contains_key(BOOTSTRAP)
        && let Some(own) = lookup.variable(BOOTSTRAP)
    {
        table.insert(BOOTSTRAP.to_owned(), own);
    }
    table
}
