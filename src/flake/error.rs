//! What can be wrong with a flake.nix or a flake.lock: *where* ([`Problem`]) and *what*
//! ([`ProblemKind`]), collected per file ([`Failure`]) so that one run names them all.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, SourceCode};
use thiserror::Error;

use super::flake_ref::RefError;
use super::span::Span;
use crate::text::excerpt::Excerpt;

/// The most problems of one file that are shown, each with its place.
const SHOWN: usize = 50;

/// Everything that is wrong with one file.
#[derive(Debug, Clone)]
pub struct Failure {
    file: String,
    source: Excerpt,
    problems: Vec<Problem>,
}

impl Failure {
    /// Reports `problems` (at least one) of the file called `file` with the text `text`.
    pub(super) fn new(file: &str, text: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.span);
        let source = Excerpt::new(file, text);
        Self { file: file.to_owned(), source, problems }
    }

    /// The file's name as it was given to the reader.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The problems in the order of the file.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The text of the file that was read.
    pub fn text(&self) -> &str {
        self.source.text()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        write!(f, "failed to read {}: {count} {noun}", self.file)?;
        if count > SHOWN {
            write!(f, ", of which these are the first {SHOWN}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

impl Diagnostic for Failure {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.problems.iter().take(SHOWN).map(|problem| problem as &dyn Diagnostic)))
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands; the end of the file for something that is missing altogether.
    pub span: Span,
    /// What is wrong.
    pub kind: ProblemKind,
}

impl Problem {
    pub(super) fn new(span: Span, kind: ProblemKind) -> Self {
        Self { span, kind }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.kind.help().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_with_span(Some("here".to_owned()), self.span);
        Some(Box::new(std::iter::once(label)))
    }
}

/// What is wrong, without the place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The text is not Nix.
    #[error("{0}")]
    Syntax(String),
    /// The file is larger than any flake.
    #[error("the file has {size} bytes, more than the {limit} that are read")]
    TooLarge {
        /// Size of the file in bytes.
        size: usize,
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// Expressions or `follows` are nested deeper than is read.
    #[error("nested more than {limit} levels deep")]
    TooDeep {
        /// The most levels that are read.
        limit: usize,
    },
    /// The file holds another expression than `{ ... }`.
    #[error("a flake must be an attribute set, not {found}")]
    NotAnAttrSet {
        /// What stands there instead.
        found: &'static str,
    },
    /// A top-level attribute that flakes do not have.
    #[error("unsupported attribute `{0}` in a flake")]
    UnsupportedAttribute(String),
    /// The flake has no outputs.
    #[error("the flake lacks the attribute `outputs`")]
    NoOutputs,
    /// The outputs are not a function.
    #[error("`outputs` must be a function, not {found}")]
    OutputsNotAFunction {
        /// What stands there instead.
        found: &'static str,
    },
    /// One attribute is defined twice.
    #[error("attribute `{0}` is already defined")]
    DuplicateAttribute(String),
    /// A value has the wrong type.
    #[error("`{attribute}` must be {wanted}, not {found}")]
    WrongType {
        /// The attribute's path.
        attribute: String,
        /// What it must be, with its article.
        wanted: &'static str,
        /// What it is, with its article.
        found: &'static str,
    },
    /// A value that is computed where Nix takes only what is written out.
    #[error("`{attribute}` is {found}, where Nix takes only a value that is written out")]
    NotLiteral {
        /// The attribute's path.
        attribute: String,
        /// What stands there, with its article.
        found: &'static str,
    },
    /// An input has an attribute that means nothing beside `url`.
    #[error("input `{input}` has the attribute `{attribute}`, which needs a `type`")]
    UnexpectedInputAttribute {
        /// The input's path.
        input: String,
        /// The attribute.
        attribute: String,
    },
    /// A flake reference that Nix would not understand.
    #[error("input `{input}`: {error}")]
    Reference {
        /// The input's path.
        input: String,
        /// What is wrong with it.
        error: RefError,
    },
    /// `follows` names an input that is not there.
    #[error("input `{input}` follows `{target}`, but this flake has no input `{first}`")]
    FollowsMissing {
        /// The input that follows.
        input: String,
        /// The whole path that it follows.
        target: String,
        /// The first part of that path.
        first: String,
    },
    /// Inputs that follow each other in a circle.
    #[error("inputs follow each other in a circle: {}", .0.join(" -> "))]
    FollowsCycle(Vec<String>),
    /// The lock file is not JSON, or lacks a field.
    #[error("not a lock file: {0}")]
    LockSyntax(String),
    /// A lock file of a version that is not read.
    #[error("lock file version {0} is not supported")]
    LockVersion(u64),
    /// The lock file names a node that it does not have.
    #[error("the lock file has no node `{node}`, which {wanted_by} needs")]
    LockMissingNode {
        /// The node that is missing.
        node: String,
        /// Who refers to it.
        wanted_by: String,
    },
    /// A follows path of the lock that leads nowhere.
    #[error("input `{input}` follows `{target}`, but node `{node}` has no input `{part}`")]
    LockFollowsMissing {
        /// The input that follows.
        input: String,
        /// The whole path that it follows.
        target: String,
        /// The node where the path ends.
        node: String,
        /// The part that is not there.
        part: String,
    },
}

impl ProblemKind {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::UnsupportedAttribute(_) => {
                "a flake has description, inputs, outputs and nixConfig, nothing else".to_owned()
            }
            Self::NoOutputs => "add `outputs = { self, nixpkgs, ... }: { };`".to_owned(),
            Self::OutputsNotAFunction { .. } => {
                "write `outputs = { self, ... }: { ... };`".to_owned()
            }
            Self::NotAnAttrSet { .. } => {
                "write `{ inputs = ...; outputs = ...; }`; Nix allows no `let` around it".to_owned()
            }
            Self::DuplicateAttribute(name) => format!("remove one of the definitions of `{name}`"),
            Self::NotLiteral { .. } => {
                "Nix does not evaluate inputs; write the value in place".to_owned()
            }
            Self::UnexpectedInputAttribute { attribute, .. } => format!(
                "put `?{attribute}=...` into the url, or give `type` and all other parts as \
                 attributes"
            ),
            Self::FollowsMissing { first, .. } => {
                format!("declare `inputs.{first}.url`, or correct the name")
            }
            Self::FollowsCycle(_) => "give one of them a `url`".to_owned(),
            Self::LockVersion(version) if *version < 7 => {
                "run `nix flake lock` with a current Nix, which writes version 7".to_owned()
            }
            Self::LockVersion(_) => "this program reads version 7".to_owned(),
            Self::LockSyntax(_)
            | Self::LockMissingNode { .. }
            | Self::LockFollowsMissing { .. } => {
                "restore flake.lock from version control, or delete it and run `nix flake lock`"
                    .to_owned()
            }
            Self::Syntax(_)
            | Self::TooLarge { .. }
            | Self::TooDeep { .. }
            | Self::WrongType { .. }
            | Self::Reference { .. } => return None,
        })
    }
}
