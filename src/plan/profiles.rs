//! Profiles as the builder knows them.

use rbn_builder::profile;

use crate::model::Profile;
use crate::model::profile::Panic;
use crate::model::step::ProfileRoot;

/// Code generation settings in the builder's words.
#[must_use]
pub fn of_profile(profile: &Profile, root: ProfileRoot) -> profile::Profile {
    profile::Profile {
        root: match root {
            ProfileRoot::Debug => "debug",
            ProfileRoot::Release => "release",
        }
        .to_owned(),
        opt_level: profile.opt_level.clone(),
        debuginfo: profile.debuginfo.clone(),
        split_debuginfo: profile.split_debuginfo.clone(),
        codegen_units: profile.codegen_units.map(i64::from),
        debug_assertions: profile.debug_assertions,
        overflow_checks: profile.overflow_checks,
        panic: match profile.panic {
            Panic::Unwind => profile::Panic::Unwind,
            Panic::Abort => profile::Panic::Abort,
            Panic::ImmediateAbort => profile::Panic::ImmediateAbort,
        },
        rpath: profile.rpath,
        strip: profile.strip.clone(),
        rustflags: profile.rustflags.clone(),
    }
}
