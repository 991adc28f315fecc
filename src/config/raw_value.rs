//! A value of any layer (file, environment, flags) before it is understood.

use std::ops::Range;

use super::origin::Origin;
use super::problem::Place;

/// A string and where it stands in the file, if it comes from there.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) span: Option<Range<usize>>,
}

/// A value of the type that the schema asks for.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    Bool(bool),
    Text(Piece),
    Texts(Vec<Piece>),
    Env { value: Piece, force: bool, relative: bool },
}

/// Which layer a value comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The file: the key's span, the value's, that of the first part that the user chose; the key's line, and
    /// that of the table which the user chose.
    File {
        name: Range<usize>,
        value: Range<usize>,
        chosen: Option<Range<usize>>,
        origin: Origin,
        table: Origin,
    },
    Variable(&'static str),
    Flag(&'static str),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The setting's path; aliases are resolved.
    pub(super) path: Vec<String>,
    /// Which table of an array of tables.
    pub(super) index: usize,
    /// The key as it was written.
    pub(super) written: String,
    pub(super) raw: Raw,
    /// Whether a value that does not fit is only worth a notice.
    pub(super) lenient: bool,
    pub(super) source: Source,
}

impl Found {
    /// Where the key begins in the file.
    pub(super) fn start(&self) -> usize {
        match &self.source {
            Source::File { name, .. } => name.start,
            Source::Variable(_) | Source::Flag(_) => usize::MAX,
        }
    }

    pub(super) fn origin(&self) -> Origin {
        match &self.source {
            Source::File { origin, .. } => origin.clone(),
            Source::Variable(variable) => Origin::Environment { variable },
            Source::Flag(flag) => Origin::Flag { flag },
        }
    }

    /// Where the table begins that the user chose, such as an override.
    pub(super) fn table_origin(&self) -> Origin {
        match &self.source {
            Source::File { table, .. } => table.clone(),
            Source::Variable(_) | Source::Flag(_) => self.origin(),
        }
    }

    /// The place of the value, or of the piece of it that `span` names.
    pub(super) fn value_place(&self, span: Option<&Range<usize>>) -> Place {
        match &self.source {
            Source::File { value, .. } => Place::Span(span.unwrap_or(value).clone()),
            Source::Variable(variable) => Place::Variable(variable),
            Source::Flag(flag) => Place::Flag(flag),
        }
    }

    /// The place of the key.
    pub(super) fn key_place(&self) -> Place {
        match &self.source {
            Source::File { name, .. } => Place::Span(name.clone()),
            Source::Variable(variable) => Place::Variable(variable),
            Source::Flag(flag) => Place::Flag(flag),
        }
    }

    /// The place of the name that the user chose: a triple, a crate, a variable.
    pub(super) fn chosen_place(&self) -> Place {
        match &self.source {
            Source::File { chosen: Some(span), .. } => Place::Span(span.clone()),
            _ => self.key_place(),
        }
    }
}

/// `parts` as TOML spells a dotted key.
pub(super) fn dotted(parts: &[String]) -> String {
    let bare = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let quoted: Vec<String> =
        parts
            .iter()
            .map(|part| {
                if bare(part) {
                    part.clone()
                } else {
                    toml::Value::String(part.clone()).to_string()
                }
            })
            .collect();
    quoted.join(".")
}
