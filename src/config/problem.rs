//! What can be wrong with a configuration: every problem with its place, all of them at once.

use std::fmt;
use std::ops::Range;

use camino::Utf8PathBuf;
use miette::{Diagnostic, LabeledSpan};

use super::invalid::Invalid;
use crate::files::reader::ReadError;
use crate::text::excerpt::Excerpt;
use crate::text::visible;

/// Why there is no [`super::Config`].
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("failed to read {path}")]
    #[diagnostic(
        code(config::unreadable),
        help("name a readable file after --config-file, or leave it out for the defaults")
    )]
    Unreadable {
        /// The file.
        path: Utf8PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file is not text.
    #[error("{path} is not UTF-8: byte {offset} (line {line}) belongs to no character")]
    #[diagnostic(
        code(config::not_utf8),
        help("save the file as UTF-8; TOML knows no other encoding")
    )]
    NotUtf8 {
        /// The file.
        path: Utf8PathBuf,
        /// The first bad byte, from 0.
        offset: usize,
        /// Its line, from 1.
        line: usize,
    },
    /// There is no file at its place, but something else, or far too much.
    #[error(transparent)]
    #[diagnostic(transparent)]
    NoFile(ReadError),
    /// The values are wrong.
    #[error("failed to read the configuration: {}", count(*.total, .problems.len()))]
    #[diagnostic(code(config::invalid))]
    Invalid {
        /// The file's text; empty if there is no file.
        #[source_code]
        source_code: Excerpt,
        /// How many problems there are.
        total: usize,
        /// The first problems, in the order of the file; those of environment and flags come last.
        /// If the file is not TOML, only the syntax is told of: the rest may follow from it.
        #[related]
        problems: Vec<Problem>,
    },
}

fn count(total: usize, shown: usize) -> String {
    match total {
        1 => "1 problem".to_owned(),
        _ if shown < total => format!("{total} problems, of which these are the first {shown}"),
        _ => format!("{total} problems"),
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub what: Fault,
    /// Where.
    pub place: Place,
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Bytes of the file.
    Span(Range<usize>),
    /// A variable of the environment.
    Variable(&'static str),
    /// A flag of the command line.
    Flag(&'static str),
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is not TOML.
    #[error("this is not TOML: {message}")]
    Syntax {
        /// The parser's own words.
        message: String,
    },
    /// A key that TOML allows only once.
    #[error("this key is set before")]
    Duplicate,
    /// No such key.
    #[error("unknown key `{key}`")]
    UnknownKey {
        /// The dotted path.
        key: String,
        /// A key that may be meant.
        suggestion: Option<String>,
    },
    /// A value of another type than the key takes.
    #[error("`{key}` is {found}, expected {expected}")]
    WrongType {
        /// The dotted path.
        key: String,
        /// What the key takes.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A value of the right type that makes no sense.
    #[error("`{key}`: {why}")]
    BadValue {
        /// The dotted path.
        key: String,
        /// Why not.
        why: Invalid,
    },
    /// Two keys that exclude each other.
    #[error("`{key}` and `{other}` cannot both be set")]
    Conflict {
        /// The dotted path.
        key: String,
        /// The other one.
        other: String,
    },
    /// A key that means something only beside another.
    #[error("`{key}` has no meaning without `{other}`")]
    Alone {
        /// The dotted path.
        key: String,
        /// The missing one.
        other: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = visible::escaped(&self.what.to_string());
        match self.place {
            Place::Span(_) => f.write_str(&what),
            Place::Variable(name) => write!(f, "in the environment variable {name}: {what}"),
            Place::Flag(flag) => write!(f, "in the flag {flag}: {what}"),
        }
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let code = match self.what {
            Fault::Syntax { .. } => "config::syntax",
            Fault::Duplicate => "config::duplicate",
            Fault::UnknownKey { .. } => "config::unknown_key",
            Fault::WrongType { .. } => "config::wrong_type",
            Fault::BadValue { .. } => "config::bad_value",
            Fault::Conflict { .. } => "config::conflict",
            Fault::Alone { .. } => "config::alone",
        };
        Some(Box::new(code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match &self.what {
            Fault::Syntax { .. } | Fault::WrongType { .. } => None,
            Fault::Duplicate => Some(Box::new("take one of the two away")),
            Fault::UnknownKey { suggestion: Some(near), .. } => {
                Some(Box::new(format!("did you mean `{near}`?")))
            }
            Fault::UnknownKey { suggestion: None, .. } => {
                Some(Box::new("docs/config.md lists every key"))
            }
            Fault::BadValue { why, .. } => {
                why.help().map(|help| Box::new(help) as Box<dyn fmt::Display>)
            }
            Fault::Conflict { key, .. } => {
                Some(Box::new(format!("take `{key}` or the other away")))
            }
            Fault::Alone { other, .. } => Some(Box::new(format!("set `{other}` as well"))),
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let Place::Span(span) = &self.place else { return None };
        let label = match &self.what {
            Fault::Syntax { .. } => None,
            Fault::Duplicate => Some("again".to_owned()),
            Fault::UnknownKey { .. } => Some("no such key".to_owned()),
            Fault::WrongType { found, .. } => Some(format!("this is {found}")),
            Fault::BadValue { .. } => Some("this value".to_owned()),
            Fault::Conflict { other, .. } => Some(format!("`{other}` is set too")),
            Fault::Alone { .. } => Some("alone".to_owned()),
        };
        Some(Box::new(std::iter::once(LabeledSpan::new(label, span.start, span.len()))))
    }
}
