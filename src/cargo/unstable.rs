//! What only a nightly Cargo has: `-Z`, the `[unstable]` table, `CARGO_UNSTABLE_*`. A stable one passes
//! over the last two.
//!
//! The unit graph is asked for with `RUSTC_BOOTSTRAP`, and so Cargo takes all of it for meant. What a
//! build would not see is switched off again for that call.

use super::error::CargoError;
use super::options::Options;
use super::selection::Selection;
use super::settings::Reader;
use super::versions::Cargo;

/// The variables of the table begin so.
const PREFIX: &str = "CARGO_UNSTABLE_";

/// What changes the commands that Cargo runs, and no plan has: the name, the keys without which it does
/// nothing, and what it does. What else a nightly has was tried on the fixtures, with the same commands
/// as a result or with facts that the unit graph tells.
const UNPLANNED: [(&str, &[&str], &str); 4] = [
    (
        "any-build-script-metadata",
        &[],
        "what build scripts say would reach scripts of all who depend on their packages",
    ),
    (
        "host-config",
        &["host"],
        "the build machine's steps would have a linker and flags of their own, of the table `host`",
    ),
    ("profile-hint-mostly-unused", &[], "rustc would be told which crates are mostly unused"),
    ("sbom", &["build", "sbom"], "there would be a list of components beside each program"),
];

/// Sets in `selection` what hides the table and its variables, where a build would pass over them.
///
/// # Errors
/// [`CargoError::Settings`] for an entry that cannot be hidden, [`CargoError::Unplanned`] for one that no
/// plan has.
pub(super) fn settle(
    options: &Options,
    reader: &Reader,
    selection: &mut Selection,
) -> Result<(), CargoError> {
    let entries = reader.below(&["unstable"]);
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let variables: Vec<String> = names.filter(|name| name.starts_with(PREFIX)).collect();
    if (!entries.is_empty() || !variables.is_empty()) && !allowed(options)? {
        selection.hidden_variables = variables;
        for entry in entries {
            match entry.value.as_str() {
                "false" => {}
                "true" => selection.hidden.push(format!("--config={}=false", entry.key)),
                _ => {
                    return Err(CargoError::Settings(format!(
                        "`{}` is for a nightly Cargo, and the one here is stable: it passes over the entry in a build, and planning cannot",
                        entry.key
                    )));
                }
            }
        }
    }
    let is_set = |keys: &[&str]| keys.is_empty() || reader.is_set(keys);
    let mut unplanned = UNPLANNED.iter();
    match unplanned.find(|(name, keys, _)| is_on(selection, reader, name) && is_set(keys)) {
        Some((name, _, what)) => Err(CargoError::Unplanned { name, what }),
        None => Ok(()),
    }
}

/// Whether a build with this selection has the `-Z` flag `name`, by flag, by configuration or by variable.
pub(super) fn is_on(selection: &Selection, reader: &Reader, name: &str) -> bool {
    let mut words = selection.cargo_flags.iter().filter_map(|flag| flag.strip_prefix("-Z"));
    let is_word = |word: &str| word.strip_prefix(name).is_some_and(|v| v.is_empty() || v == "=yes");
    let hidden = format!("--config=unstable.{name}=false");
    let is_entry = || reader.below(&["unstable", name]).iter().any(|entry| entry.value == "true");
    let variable = format!("{PREFIX}{}", name.replace('-', "_").to_uppercase());
    let is_variable = || std::env::var(&variable).is_ok_and(|value| value == "true");
    words.any(is_word)
        || (!selection.hidden.contains(&hidden) && is_entry())
        || (!selection.hidden_variables.contains(&variable) && is_variable())
}

/// Whether a build takes what is not stable.
///
/// Source: `nightly_features_allowed` of Cargo 1.95: a nightly, or a `RUSTC_BOOTSTRAP` of its own
/// environment; that of `[env]` comes too late.
fn allowed(options: &Options) -> Result<bool, CargoError> {
    if std::env::var("RUSTC_BOOTSTRAP").is_ok_and(|value| value == "1") {
        return Ok(true);
    }
    Ok(Cargo::ask(&options.cargo, &options.dir, &options.answers)?.is_nightly)
}
