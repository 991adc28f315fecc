//! `[nix]`: where the plan and the flake are, and where flake inputs come from.

use std::collections::BTreeMap;

use super::invalid::Invalid;
use super::notice::Notice;
use super::origin::Setting;
use super::raw_value::dotted;
use super::reader::Reader;
use super::scalars::{FlakeRef, InputName, RelativePath};

type Parse = fn(&str) -> Result<RelativePath, Invalid>;

/// Where the plan and the flake are. Paths are relative to the workspace root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nix {
    /// The plan's file.
    pub output: Setting<RelativePath>,
    /// The rendered toolchain provider.
    pub toolchain_file: Setting<RelativePath>,
    /// The directory of flake.nix.
    pub root: Setting<RelativePath>,
    /// Flake references for inputs that flake.nix does not have.
    pub inputs: BTreeMap<InputName, Setting<FlakeRef>>,
}

impl Nix {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let path = |reader: &mut Reader, name, default, parse: Parse| {
            reader.text(&["nix", name], 0, parse).unwrap_or_else(|| {
                Setting::default(parse(default).expect("the default is relative"))
            })
        };
        let (file, dir) = (RelativePath::file, RelativePath::new);
        Self {
            output: path(reader, "output", "generated/steps.nix", file),
            toolchain_file: path(reader, "toolchain-file", "generated/toolchain.nix", file),
            root: path(reader, "root", ".", dir),
            inputs: inputs(reader),
        }
    }
}

fn inputs(reader: &mut Reader) -> BTreeMap<InputName, Setting<FlakeRef>> {
    let mut inputs = BTreeMap::new();
    for (name, place) in reader.chosen(&["nix", "inputs"], None) {
        let reference = reader.text(&["nix", "inputs", &name], 0, FlakeRef::new);
        match (InputName::new(&name), reference) {
            (Ok(input), Some(reference)) => {
                if name == "rust-src" {
                    let found = reader.strongest(&["nix", "inputs", &name]);
                    reader.notices.push(Notice {
                        key: found.map_or(name, |found| found.written.clone()),
                        message: "kept for rustc's bootstrap; no effect on a plan".to_owned(),
                        origin: reference.origin.clone(),
                    });
                }
                inputs.insert(input, reference);
            }
            (Ok(_), None) => {}
            (Err(why), _) => {
                let key = dotted(&["nix".to_owned(), "inputs".to_owned(), name]);
                reader.refuse(key, why, place);
            }
        }
    }
    inputs
}
