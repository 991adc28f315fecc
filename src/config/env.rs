//! `[env]`: variables for steps, as in Cargo's `[env]`.

use std::collections::BTreeMap;

use super::invalid::Invalid;
use super::origin::Setting;
use super::raw_value::{Raw, dotted};
use super::reader::Reader;
use super::scalars::{VariableName, argument};

/// Variables and their values.
pub type Env = BTreeMap<VariableName, Setting<EnvValue>>;

/// The value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvValue {
    /// The text; without a NUL.
    pub value: String,
    /// Whether it wins over a variable that Cargo's configuration sets.
    pub force: bool,
    /// Whether it is a path below the directory of the configuration file.
    pub relative: bool,
}

/// Reads the variables below `section`, in the table number `index`.
pub(super) fn read(reader: &mut Reader, section: &[&str], index: usize) -> Env {
    let mut env = Env::new();
    for (name, place) in reader.chosen(section, Some(index)) {
        let mut path = section.to_vec();
        path.push(&name);
        let value = reader.value(&path, index, |raw| match raw {
            Raw::Env { value, force, relative } => match argument(&value.text) {
                Ok(text) => Ok(EnvValue { value: text, force: *force, relative: *relative }),
                Err(why) => Err(vec![(why, value.span.clone())]),
            },
            _ => Err(vec![(Invalid::Nul, None)]),
        });
        match VariableName::new(&name) {
            Ok(variable) => {
                if let Some(value) = value {
                    env.insert(variable, value);
                }
            }
            Err(why) => {
                let key: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
                reader.refuse(dotted(&key), why, place);
            }
        }
    }
    env
}
