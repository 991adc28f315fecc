//! From text to keys with values: TOML's syntax, the schema's names and types. Values are
//! understood later; here is decided only what is there, and where.

use std::ops::Range;

use camino::Utf8Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::notice::Notice;
use super::origin::Origin;
use super::problem::{Fault, Place, Problem};
use super::raw_value::{Found, Piece, Raw, Source};
use super::schema::{self, Key, Node, Role, Shape};
use crate::text::spelling;

/// What is to be said of a key of rustc's bootstrap.
const BOOTSTRAP: &str = "recognised, belongs to rustc's bootstrap; no effect on a plan";

/// What was found in a file.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) found: Vec<Found>,
    pub(super) problems: Vec<Problem>,
    pub(super) notices: Vec<Notice>,
}

impl Document {
    /// Reads `text`, which `path` names in origins.
    pub(super) fn parse(path: &Utf8Path, text: &str) -> Self {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut document = Self::default();
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            let what = match error.message() {
                "duplicate key" => Fault::Duplicate,
                message => Fault::Syntax { message: message.to_owned() },
            };
            document.problems.push(Problem { what, place: Place::Span(span) });
        }
        let mut walk = Walk { path, lines: Lines::of(text), document: &mut document };
        walk.table(schema::root(), root.get_ref(), &Trail::default());
        document.found.sort_by_key(|found| found.start());
        document
    }
}

/// The line of a byte.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        Self(
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect(),
        )
    }

    /// From 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|newline| *newline < offset) + 1
    }
}

/// The way from the root to a value.
#[derive(Clone, Default)]
struct Trail {
    /// The parts as they were written.
    parts: Vec<String>,
    /// Which table of an array of tables.
    index: usize,
    /// Where the part that the user chose first is.
    chosen: Option<Range<usize>>,
    /// Where the table begins that the user chose.
    table: Option<usize>,
}

struct Walk<'d> {
    path: &'d Utf8Path,
    lines: Lines,
    document: &'d mut Document,
}

impl Walk<'_> {
    fn problem(&mut self, what: Fault, span: Range<usize>) {
        self.document.problems.push(Problem { what, place: Place::Span(span) });
    }

    fn origin(&self, offset: usize) -> Origin {
        Origin::File { path: self.path.to_owned(), line: self.lines.line(offset) }
    }

    fn table(&mut self, node: &Node, table: &DeTable<'_>, trail: &Trail) {
        for (name, value) in table.iter() {
            let mut below = trail.clone();
            below.parts.push(name.get_ref().to_string());
            match node.child(name.get_ref()) {
                None => {
                    let suggestion = suggest(node, name.get_ref(), &trail.parts);
                    let key = super::raw_value::dotted(&below.parts);
                    self.problem(Fault::UnknownKey { key, suggestion }, name.span());
                }
                Some((child, chosen)) => {
                    if chosen && below.chosen.is_none() {
                        below.chosen = Some(name.span());
                        below.table = Some(name.span().start);
                    }
                    self.entry(child, name.span(), value, &below);
                }
            }
        }
    }

    fn entry(
        &mut self,
        node: &Node,
        name: Range<usize>,
        value: &Spanned<DeValue<'_>>,
        trail: &Trail,
    ) {
        match value.get_ref() {
            DeValue::Table(table) if node.is_table() => {
                if table.is_empty() && trail.chosen.is_some() {
                    let key = super::raw_value::dotted(&trail.parts);
                    let message = "an empty table changes nothing".to_owned();
                    self.document.notices.push(Notice {
                        key,
                        message,
                        origin: self.origin(name.start),
                    });
                }
                self.table(node, table, trail);
            }
            DeValue::Array(tables) if node.many => {
                for (index, element) in tables.iter().enumerate() {
                    let DeValue::Table(table) = element.get_ref() else {
                        let key = super::raw_value::dotted(&trail.parts);
                        let found = described(element.get_ref());
                        self.problem(
                            Fault::WrongType { key, expected: "a table", found },
                            element.span(),
                        );
                        continue;
                    };
                    let start = Some(element.span().start);
                    self.table(node, table, &Trail { index, table: start, ..trail.clone() });
                }
            }
            other => match node.key() {
                Some(key) => self.value(key, name, value, trail),
                None => {
                    let key = super::raw_value::dotted(&trail.parts);
                    let expected =
                        if node.many { "a table or an array of tables" } else { "a table" };
                    self.problem(
                        Fault::WrongType { key, expected, found: described(other) },
                        value.span(),
                    );
                }
            },
        }
    }

    fn value(
        &mut self,
        key: &'static Key,
        name: Range<usize>,
        value: &Spanned<DeValue<'_>>,
        trail: &Trail,
    ) {
        let written = super::raw_value::dotted(&trail.parts);
        let origin = self.origin(name.start);
        let table = trail.table.map_or_else(|| origin.clone(), |start| self.origin(start));
        let (path, lenient) = match key.role {
            Role::Setting => (trail.parts.clone(), false),
            Role::Alias(of) => (of.split('.').map(str::to_owned).collect(), false),
            Role::Lenient(of) => (of.split('.').map(str::to_owned).collect(), true),
            Role::NoEffect(reason) => {
                let message = format!("no effect: {reason}");
                self.document.notices.push(Notice { key: written, message, origin });
                return;
            }
            Role::Bootstrap => {
                let message = BOOTSTRAP.to_owned();
                self.document.notices.push(Notice { key: written, message, origin });
                return;
            }
        };
        match raw(key.shape, value) {
            Ok(raw) => self.document.found.push(Found {
                path,
                index: trail.index,
                written,
                raw,
                lenient,
                source: Source::File {
                    name,
                    value: value.span(),
                    chosen: trail.chosen.clone(),
                    origin,
                    table,
                },
            }),
            Err(Mismatch { inside, expected, found, span }) => {
                let key = format!("{written}{inside}");
                let what = match found {
                    Some(found) => Fault::WrongType { key, expected, found },
                    None => {
                        let near =
                            spelling::nearest(inside.trim_start_matches('.'), ENV.into_iter());
                        let suggestion = near.map(|near| format!("{written}.{near}"));
                        Fault::UnknownKey { key, suggestion }
                    }
                };
                self.problem(what, span);
            }
        }
    }
}

/// A key that may be meant by `name`, which is not a child of `node`: the same word here, the same
/// word in another section, a similar word here.
fn suggest(node: &Node, name: &str, above: &[String]) -> Option<String> {
    let near = spelling::nearest(name, node.names());
    match (near, schema::elsewhere(name)) {
        (near, Some(elsewhere)) if !near.is_some_and(|near| schema::same(near, name)) => {
            Some(elsewhere.to_owned())
        }
        (Some(near), _) => {
            let mut parts = above.to_vec();
            parts.push(near.to_owned());
            Some(super::raw_value::dotted(&parts))
        }
        (None, _) => None,
    }
}

struct Mismatch {
    /// What follows the key's name: `[1]`, `.force`.
    inside: String,
    expected: &'static str,
    /// `None` for a key that is not known here.
    found: Option<&'static str>,
    span: Range<usize>,
}

fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

fn raw(shape: Shape, value: &Spanned<DeValue<'_>>) -> Result<Raw, Mismatch> {
    let piece = |text: &str| Piece { text: text.to_owned(), span: Some(value.span()) };
    match (shape, value.get_ref()) {
        (Shape::Bool, DeValue::Boolean(on)) => Ok(Raw::Bool(*on)),
        (Shape::Text | Shape::Size, DeValue::String(text)) => Ok(Raw::Text(piece(text))),
        (Shape::Size | Shape::Number, DeValue::Integer(number)) => {
            Ok(Raw::Text(piece(&number.to_string())))
        }
        (Shape::TextOrTexts, DeValue::String(text)) => Ok(Raw::Texts(vec![piece(text)])),
        (Shape::Words, DeValue::String(text)) => {
            Ok(Raw::Texts(text.split_whitespace().map(piece).collect()))
        }
        (Shape::Texts | Shape::TextOrTexts | Shape::Words, DeValue::Array(elements)) => {
            elements.iter().enumerate().map(element).collect::<Result<_, _>>().map(Raw::Texts)
        }
        (Shape::EnvValue, DeValue::String(text)) => {
            Ok(Raw::Env { value: piece(text), force: false, relative: false })
        }
        (Shape::EnvValue, DeValue::Table(table)) => env(table, value.span()),
        (_, other) => Err(Mismatch {
            inside: String::new(),
            expected: shape.describe(),
            found: Some(described(other)),
            span: value.span(),
        }),
    }
}

fn element((index, value): (usize, &Spanned<DeValue<'_>>)) -> Result<Piece, Mismatch> {
    match value.get_ref() {
        DeValue::String(text) => Ok(Piece { text: text.to_string(), span: Some(value.span()) }),
        other => Err(Mismatch {
            inside: format!("[{index}]"),
            expected: "a string",
            found: Some(described(other)),
            span: value.span(),
        }),
    }
}

/// The keys of a variable's table.
const ENV: [&str; 3] = ["value", "force", "relative"];

fn env(table: &DeTable<'_>, whole: Range<usize>) -> Result<Raw, Mismatch> {
    let (mut text, mut force, mut relative) = (None, false, false);
    for (name, value) in table.iter() {
        let inside = format!(".{}", name.get_ref());
        let wrong = |expected| Mismatch {
            inside: inside.clone(),
            expected,
            found: Some(described(value.get_ref())),
            span: value.span(),
        };
        match (name.get_ref().as_ref(), value.get_ref()) {
            ("value", DeValue::String(value_text)) => {
                text = Some(Piece { text: value_text.to_string(), span: Some(value.span()) });
            }
            ("value", _) => return Err(wrong("a string")),
            ("force", DeValue::Boolean(on)) => force = *on,
            ("relative", DeValue::Boolean(on)) => relative = *on,
            ("force" | "relative", _) => return Err(wrong("a boolean")),
            _ => {
                return Err(Mismatch { inside, expected: "", found: None, span: name.span() });
            }
        }
    }
    match text {
        Some(value) => Ok(Raw::Env { value, force, relative }),
        None => Err(Mismatch {
            inside: String::new(),
            expected: Shape::EnvValue.describe(),
            found: Some("a table without `value`"),
            span: whole,
        }),
    }
}
