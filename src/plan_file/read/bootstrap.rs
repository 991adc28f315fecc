//! The section that only plans of rustc's own build have.

use super::error::StepsError;
use super::values::Facts;
use crate::model::bootstrap::{Bootstrap, first_built_by};
use crate::nix::data::Attrs;

/// The section `mode`; nothing where it is not there.
pub(super) fn read(attrs: Attrs) -> Result<Option<Bootstrap>, StepsError> {
    if attrs.is_empty() {
        return Ok(None);
    }
    let has_tls = attrs.contains_key("loadsLate");
    let mut facts = Facts::new("mode", attrs);
    let mode = facts.text("name")?;
    let read = Bootstrap {
        // As it was planned.
        built_by: first_built_by(&mode),
        mode,
        version: facts.text("version")?,
        channel: facts.text("channel")?,
        kin: facts.plain("kin")?,
        first_compiler_on_host: facts.truth("firstCompilerOnHost", false)?,
        split: facts.truth("split", false)?,
        keep: facts.truth("keep", false)?,
        static_std: facts.plain("staticStd")?,
        first_flags: facts.list("firstFlags")?,
        later_flags: facts.list("laterFlags")?,
        last_flags: facts.list("lastFlags")?,
        shim: facts.list("shim")?,
        host_shim: facts.list("hostShim")?,
        end: facts.list("end")?,
        tls: if has_tls { Some(facts.list("loadsLate")?) } else { None },
    };
    facts.finish()?;
    Ok(Some(read))
}
