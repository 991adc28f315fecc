//! What an override of config.toml adds to a step.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an override of config.toml adds to a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Additions {
    /// Programs for PATH: attributes of the toolchain's `inputs`, or absolute paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub native_inputs: Vec<String>,
    /// Libraries for the C compiler and pkg-config, named in the same way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub build_inputs: Vec<String>,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Files, relative to the workspace root.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// rustc flags, after all others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rustflags: Vec<String>,
    /// Whether a library's metadata has no step of its own, whatever is split otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

/// One of the things that are added.
#[derive(Debug)]
pub struct Part<T> {
    /// Its name in a plan's file.
    pub fact: &'static str,
    /// What people call it.
    pub words: &'static str,
    /// What is added.
    pub value: T,
}

/// What is added, by its form.
#[derive(Debug)]
pub enum Value<L, T, F> {
    /// In the order in which it is given.
    List(L),
    /// By name.
    Table(T),
    /// It is so, or not.
    Flag(F),
}

/// A part to look at.
pub type Seen<'a> = Part<Value<&'a Vec<String>, &'a BTreeMap<String, String>, &'a bool>>;

/// A part to fill.
pub type Filled<'a> =
    Part<Value<&'a mut Vec<String>, &'a mut BTreeMap<String, String>, &'a mut bool>>;

/// How many parts there are.
const PARTS: usize = 6;

/// The parts, in the order of a plan's file. Once for looking and once for filling.
macro_rules! parts {
    ($additions:expr, $($borrow:tt)+) => {{
        let all = $additions;
        let list = |fact, words, value| Part { fact, words, value: Value::List(value) };
        let table = |fact, words, value| Part { fact, words, value: Value::Table(value) };
        let flag = |fact, words, value| Part { fact, words, value: Value::Flag(value) };
        [
            list("nativeInputs", "native inputs", $($borrow)+ all.native_inputs),
            list("buildInputs", "build inputs", $($borrow)+ all.build_inputs),
            table("extraEnv", "environment", $($borrow)+ all.env),
            list("extraFiles", "files", $($borrow)+ all.files),
            list("extraRustflags", "rustflags", $($borrow)+ all.rustflags),
            flag("whole", "never split", $($borrow)+ all.whole),
        ]
    }};
}

impl Additions {
    /// Whether nothing is added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds `more`; of variables the later ones count.
    pub fn extend(&mut self, mut more: Self) {
        for (own, more) in self.parts_mut().into_iter().zip(more.parts_mut()) {
            // Nested, so that a new form does not pass in silence.
            match own.value {
                Value::List(own) => {
                    if let Value::List(more) = more.value {
                        own.append(more);
                    }
                }
                Value::Table(own) => {
                    if let Value::Table(more) = more.value {
                        own.append(more);
                    }
                }
                Value::Flag(own) => *own |= matches!(more.value, Value::Flag(true)),
            }
        }
    }

    /// All there can be: who states, reads or compares additions asks here, so that a new one of a known form
    /// is a line of this file. A new form is a variant of [`Value`], and an arm for whoever matches it.
    #[must_use]
    pub fn parts(&self) -> [Seen<'_>; PARTS] {
        parts!(self, &)
    }

    /// The same, to be filled.
    pub fn parts_mut(&mut self) -> [Filled<'_>; PARTS] {
        parts!(self, &mut)
    }
}
