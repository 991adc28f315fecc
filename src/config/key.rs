//! One key of `config.toml`: its place, what it takes, what becomes of it.

use std::borrow::Cow;

/// What kind of value a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// A string.
    Text,
    /// A list of strings.
    Texts,
    /// A list of strings, or one string that is split at white space, as Cargo does it.
    Words,
    /// A list of strings, or one string that is one element.
    TextOrTexts,
    /// A number of bytes, or a string such as `"10G"`.
    Size,
    /// A whole number. How small or large it may be, its reader says.
    Number,
    /// A string, or `{ value, force, relative }`, as in Cargo's `[env]`.
    EnvValue,
    /// Anything: the value is not looked at.
    Any,
}

impl Shape {
    /// The shape in words that complete "expected ...".
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Bool => "a boolean",
            Self::Text => "a string",
            Self::Texts => "a list of strings",
            Self::Words => "a list of strings, or one string with words",
            Self::TextOrTexts => "a string or a list of strings",
            Self::Size => "a number of bytes or a string such as \"10G\"",
            Self::Number => "a whole number",
            Self::EnvValue => "a string or { value, force, relative }",
            Self::Any => "anything",
        }
    }
}

/// What becomes of a key's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It is a setting of its own.
    Setting,
    /// It is another spelling of the setting named here.
    Alias(&'static str),
    /// It is another spelling of the setting named here where its value fits; a value that does
    /// not fit has no effect, and that is said.
    Lenient(&'static str),
    /// It is understood and changes nothing, for the reason given here.
    NoEffect(&'static str),
    /// It belongs to the bootstrap of the Rust compiler.
    Bootstrap,
}

/// One key of the schema.
#[derive(Clone, Debug)]
pub struct Key {
    /// The dotted path. A part in angle brackets stands for a name that the user chooses.
    pub path: Cow<'static, str>,
    /// What it takes.
    pub shape: Shape,
    /// What becomes of it.
    pub role: Role,
    /// The default, in words or as TOML.
    pub default: &'static str,
    /// What it does: one or two sentences.
    pub effect: &'static str,
    /// A value, as TOML; empty where the key is only recognised.
    pub example: &'static str,
}
