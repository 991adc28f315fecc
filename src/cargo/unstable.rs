//! The `[unstable]` table, which a stable Cargo passes over.
//!
//! The unit graph is asked for with `RUSTC_BOOTSTRAP`, and so Cargo takes the table for meant. What a
//! build would not see is switched off again for that call.

use super::error::CargoError;
use super::options::Options;
use super::selection::Selection;
use super::settings::Reader;
use super::versions::Cargo;

/// Sets in `selection` what hides the table, where a build would pass over it.
///
/// # Errors
/// [`CargoError::Settings`] for an entry that cannot be hidden.
pub(super) fn settle(
    options: &Options,
    reader: &Reader,
    selection: &mut Selection,
) -> Result<(), CargoError> {
    let entries = reader.below(&["unstable"]);
    if entries.is_empty() || allowed(options)? {
        return Ok(());
    }
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
    Ok(())
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
