//! `[target.<triple>]`: the tools of a platform.

use std::collections::BTreeMap;

use crate::model::Triple;

use super::build;
use super::origin::Setting;
use super::raw_value::dotted;
use super::reader::Reader;
use super::scalars::{Program, argument};

/// The tools of a platform; what is not set comes from the toolchain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetTools {
    /// The linker.
    pub linker: Option<Setting<Program>>,
    /// The C compiler.
    pub cc: Option<Setting<Program>>,
    /// The archiver.
    pub ar: Option<Setting<Program>>,
    /// The pkg-config program.
    pub pkg_config: Option<Setting<Program>>,
    /// The command that runs a program of this platform, with its arguments; not empty.
    pub runner: Option<Setting<Vec<String>>>,
    /// rustc flags, after those of Cargo's configuration and of `[build]`.
    pub rustflags: Setting<Vec<String>>,
}

pub(super) fn read(reader: &mut Reader) -> BTreeMap<Triple, TargetTools> {
    let mut targets = BTreeMap::new();
    for (name, place) in reader.chosen(&["target"], None) {
        let program =
            |reader: &mut Reader, key| reader.text(&["target", &name, key], 0, Program::new);
        let tools = TargetTools {
            linker: program(reader, "linker"),
            cc: program(reader, "cc"),
            ar: program(reader, "ar"),
            pkg_config: program(reader, "pkg-config"),
            runner: reader
                .texts(&["target", &name, "runner"], 0, argument)
                .filter(|runner| !runner.value.is_empty()),
            rustflags: reader
                .texts(&["target", &name, "rustflags"], 0, argument)
                .unwrap_or(Setting::default(Vec::new())),
        };
        match build::triple(&name) {
            Ok(triple) => {
                targets.insert(triple, tools);
            }
            Err(why) => reader.refuse(dotted(&["target".to_owned(), name]), why, place),
        }
    }
    targets
}
