//! rustflags and linkers of a platform.
//!
//! Flags set cfgs, cfgs choose tables of the configuration, and tables have flags. Cargo goes round
//! twice at most: the flags that hold without any cfg, rustc's cfgs under them, the flags that these
//! choose, and rustc's cfgs once more. Source: `TargetInfo::new` and `extra_args` of Cargo 1.95.

use cargo_platform::{Cfg, CfgExpr};

use super::lookup::{Lookup, of_triple};
use super::merged::Origin;
use crate::cargo::error::CargoError;
use crate::cargo::probe::PlatformProbe;
use crate::model::Triple;

/// Flags, each with its origin.
pub type Flags = Vec<(String, Origin)>;

/// The flags of units for `triple`, and what rustc says of the platform under them.
///
/// # Errors
/// Those of `probe`.
pub fn settled(
    lookup: &Lookup,
    triple: &Triple,
    mut probe: impl FnMut(&[String]) -> Result<PlatformProbe, CargoError>,
) -> Result<(Flags, PlatformProbe), CargoError> {
    let first = flags(lookup, triple, None);
    let probed = probe(&texts(&first))?;
    let second = flags(lookup, triple, Some(&probed.cfgs));
    if texts(&second) == texts(&first) {
        return Ok((first, probed));
    }
    let probed = probe(&texts(&second))?;
    Ok((second, probed))
}

/// The flags without their origins.
#[must_use]
pub fn texts(flags: &Flags) -> Vec<String> {
    flags.iter().map(|(flag, _)| flag.clone()).collect()
}

/// The flags under `cfgs`, of the first source that has any; before any is known no table holds, not
/// even one of what is not.
fn flags(lookup: &Lookup, triple: &Triple, cfgs: Option<&[Cfg]>) -> Flags {
    if let Some(flags) = of_environment(lookup) {
        return flags;
    }
    let own = lookup.list(&of_triple(triple.as_str(), "rustflags")).unwrap_or_default();
    let held = cfgs.map(|cfgs| tables(lookup, cfgs)).unwrap_or_default();
    let of_tables = held.into_iter().flat_map(|key| {
        // Here the key stands in the variable's name as it is.
        let variable = format!("CARGO_TARGET_{key}_RUSTFLAGS");
        lookup.list_with(&["target", key, "rustflags"], &variable).unwrap_or_default()
    });
    let flags: Flags = own.into_iter().chain(of_tables).collect();
    match flags.is_empty() {
        true => lookup.list(&["build", "rustflags"]).unwrap_or_default(),
        false => flags,
    }
}

fn of_environment(lookup: &Lookup) -> Option<Flags> {
    let split = |(text, origin): (String, Origin), at: char| -> Flags {
        let words = text.split(at).map(str::to_owned);
        words.map(|flag| (flag, origin.clone())).collect()
    };
    if let Some(encoded) = lookup.variable("CARGO_ENCODED_RUSTFLAGS") {
        return Some(if encoded.0.is_empty() { Vec::new() } else { split(encoded, '\u{1f}') });
    }
    let plain = split(lookup.variable("RUSTFLAGS")?, ' ');
    let trimmed = plain.into_iter().map(|(flag, origin)| (flag.trim().to_owned(), origin));
    Some(trimmed.filter(|(flag, _)| !flag.is_empty()).collect())
}

/// The `[target.'cfg(..)']` tables that hold under `cfgs`, in the order of their names.
fn tables<'a>(lookup: &'a Lookup, cfgs: &[Cfg]) -> Vec<&'a str> {
    let keys = lookup.merged.keys(&["target"]);
    keys.into_iter().filter(|key| CfgExpr::matches_key(key, cfgs)).collect()
}

/// The linker of units for `triple`, whose platform has `cfgs`.
///
/// # Errors
/// [`CargoError::Settings`] where two tables name one, which Cargo refuses as well.
pub fn linker(
    lookup: &Lookup,
    triple: &Triple,
    cfgs: &[Cfg],
) -> Result<Option<(String, Origin)>, CargoError> {
    let own = lookup.program(&of_triple(triple.as_str(), "linker"));
    if own.is_some() {
        return Ok(own);
    }
    let named = tables(lookup, cfgs).into_iter();
    let mut named =
        named.filter_map(|key| Some((key, lookup.program(&["target", key, "linker"])?)));
    let found = named.next();
    if let (Some((one, _)), Some((other, _))) = (&found, named.next()) {
        return Err(CargoError::Settings(format!(
            "both [target.'{one}'] and [target.'{other}'] name a linker for {triple}"
        )));
    }
    Ok(found.map(|(_, linker)| linker))
}
