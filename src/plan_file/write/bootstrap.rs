//! What a plan of rustc's own build states beside all others' facts.

use crate::model::bootstrap::Bootstrap;
use crate::nix::fields::Fields;

/// The section `mode`.
pub(super) fn fields(bootstrap: &Bootstrap) -> Fields {
    let mut fields = Fields::default();
    fields.text("name", &bootstrap.mode);
    fields.text("version", &bootstrap.version);
    fields.text("channel", &bootstrap.channel);
    fields.some_text("kin", &bootstrap.kin);
    fields.yes("firstCompilerOnHost", bootstrap.first_compiler_on_host);
    fields.yes("split", bootstrap.split);
    fields.yes("keep", bootstrap.keep);
    fields.some_text("staticStd", &bootstrap.static_std);
    fields.list("firstFlags", &bootstrap.first_flags);
    fields.list("laterFlags", &bootstrap.later_flags);
    fields.list("lastFlags", &bootstrap.last_flags);
    fields.list("shim", &bootstrap.shim);
    fields.list("hostShim", &bootstrap.host_shim);
    fields.list("end", &bootstrap.end);
    if let Some(names) = &bootstrap.tls {
        fields.packed("loadsLate", names);
    }
    fields
}
