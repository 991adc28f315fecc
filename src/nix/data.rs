//! The part of Nix that is plain data: what a plan states its facts in.
//!
//! Texts, numbers, truth values, lists, sets, a word before them (`bin "rg" { ... }`) and
//! updates of sets (`a // { ... }`). A plan of a thousand steps has a megabyte of them, and a
//! diff reads two such plans in a fraction of a second: a whole syntax tree would cost more than
//! all the rest. A test compares this reader with rnix on whole plans.

use std::ops::Range;

use indexmap::IndexMap;
use thiserror::Error;

/// How deep values may nest: far more than any plan has, far less than any stack.
const DEPTH: usize = 64;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// A double-quoted string.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Truth(bool),
    /// `[ ... ]`.
    List(Vec<Data>),
    /// `{ ... }`, in the order of the text.
    Attrs(Attrs),
    /// A word, with what it is applied to.
    Word(String, Vec<Data>),
    /// `left // right`.
    Update(Box<Data>, Box<Data>),
}

/// A set's attributes.
pub type Attrs = IndexMap<String, Data>;

/// Why a text is no data.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("expected {expected}")]
pub struct DataError {
    /// What should stand here.
    pub expected: &'static str,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
}

/// Reads the bindings of a `let` or a set without its braces: `name = value; ...`.
///
/// # Errors
/// [`DataError`] at the first place that is no data.
pub fn bindings(text: &str) -> Result<Attrs, DataError> {
    let mut reader = Reader { text, at: 0 };
    let attrs = reader.attrs(0)?;
    reader.space();
    if reader.at < text.len() { Err(reader.expected("`NAME = VALUE;`")) } else { Ok(attrs) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn expected(&self, expected: &'static str) -> DataError {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        DataError { expected, span: self.at..self.at + length }
    }

    /// Skips white space and comments to the end of a line.
    fn space(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                Some(b'#') => {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                _ => return,
            }
        }
    }

    fn eat(&mut self, byte: u8, expected: &'static str) -> Result<(), DataError> {
        self.space();
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.expected(expected))
        }
    }

    /// Attributes up to a closing brace or the end, which stays unread.
    fn attrs(&mut self, depth: usize) -> Result<Attrs, DataError> {
        let mut attrs = Attrs::new();
        loop {
            self.space();
            if matches!(self.peek(), None | Some(b'}')) {
                return Ok(attrs);
            }
            let start = self.at;
            let name = self.name()?;
            let below = match self.peek() {
                Some(b'.') => {
                    self.at += 1;
                    Some(self.name()?)
                }
                _ => None,
            };
            self.eat(b'=', "`=`")?;
            let value = self.value(depth)?;
            self.eat(b';', "`;`")?;
            let is_new = match below {
                None => attrs.insert(name, value).is_none(),
                // `a.b = 1; a.c = 2;` is one set of two.
                Some(below) => match attrs.entry(name).or_insert_with(|| Data::Attrs(Attrs::new()))
                {
                    Data::Attrs(set) => set.insert(below, value).is_none(),
                    _ => false,
                },
            };
            if !is_new {
                return Err(DataError { expected: "each name once", span: start..self.at });
            }
        }
    }

    /// The name of an attribute: bare, without dots, or in quotes.
    fn name(&mut self) -> Result<String, DataError> {
        if self.peek() == Some(b'"') {
            return self.text();
        }
        self.bare(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\''))
            .ok_or_else(|| self.expected("an attribute's name"))
    }

    fn value(&mut self, depth: usize) -> Result<Data, DataError> {
        if depth > DEPTH {
            return Err(self.expected("fewer levels"));
        }
        let mut value = self.one(depth)?;
        if let Data::Word(_, args) = &mut value {
            while self.starts_value() {
                args.push(self.one(depth)?);
            }
        }
        // `tools.host or "x"`: what a plan states is the text.
        if matches!(&value, Data::Word(_, args) if matches!(args.first(), Some(Data::Word(or, _)) if or == "or"))
            && let Data::Word(_, mut args) = value.clone()
            && let Some(last) = args.pop()
        {
            value = last;
        }
        self.space();
        if self.rest().starts_with("//") {
            self.at += 2;
            let right = self.value(depth + 1)?;
            return Ok(Data::Update(Box::new(value), Box::new(right)));
        }
        Ok(value)
    }

    fn starts_value(&mut self) -> bool {
        self.space();
        self.peek().is_some_and(|byte| {
            matches!(byte, b'"' | b'{' | b'[' | b'(' | b'_') || byte.is_ascii_alphanumeric()
        })
    }

    /// A value without arguments.
    fn one(&mut self, depth: usize) -> Result<Data, DataError> {
        self.space();
        match self.peek() {
            Some(b'"') => self.text().map(Data::Text),
            Some(b'[') => {
                self.at += 1;
                let mut items = Vec::new();
                loop {
                    self.space();
                    if self.peek() == Some(b']') {
                        self.at += 1;
                        return Ok(Data::List(items));
                    }
                    if depth > DEPTH {
                        return Err(self.expected("fewer levels"));
                    }
                    let item = self.peek().is_some().then(|| self.one(depth + 1));
                    items.push(item.ok_or_else(|| self.expected("`]`"))??);
                }
            }
            Some(b'{') => {
                self.at += 1;
                if depth > DEPTH {
                    return Err(self.expected("fewer levels"));
                }
                let attrs = self.attrs(depth + 1)?;
                self.eat(b'}', "`}`")?;
                Ok(Data::Attrs(attrs))
            }
            Some(b'(') => {
                self.at += 1;
                let value = self.value(depth + 1)?;
                self.eat(b')', "`)`")?;
                Ok(value)
            }
            Some(b'0'..=b'9') => {
                let end = self.rest().find(|c: char| !c.is_ascii_digit());
                let digits = &self.rest()[..end.unwrap_or(self.rest().len())];
                let number =
                    digits.parse().map_err(|_| self.expected("a number of at most 64 bits"))?;
                self.at += digits.len();
                Ok(Data::Number(number))
            }
            _ => match self.word() {
                Some(word) if word == "true" => Ok(Data::Truth(true)),
                Some(word) if word == "false" => Ok(Data::Truth(false)),
                Some(word) => Ok(Data::Word(word, Vec::new())),
                None => Err(self.expected("a value")),
            },
        }
    }

    /// A bare name; with dots, for `tools.host`.
    fn word(&mut self) -> Option<String> {
        self.bare(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\'' | '.'))
    }

    fn bare(&mut self, legal: fn(char) -> bool) -> Option<String> {
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return None;
        }
        let end = rest.find(|c: char| !legal(c)).unwrap_or(rest.len());
        let word = rest[..end].to_owned();
        self.at += end;
        Some(word)
    }

    fn text(&mut self) -> Result<String, DataError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find(['"', '\\', '$']) else {
                let span = start..self.text.len();
                return Err(DataError { expected: "the end of this string", span });
            };
            text.push_str(&rest[..end]);
            let special = &rest[end..];
            match special.as_bytes()[0] {
                b'"' => {
                    self.at += end + 1;
                    return Ok(text);
                }
                b'$' if special[1..].starts_with('{') => {
                    let span = self.at + end..self.at + end + 2;
                    return Err(DataError { expected: "a plain string", span });
                }
                // `$$` is two dollars, the second of which begins nothing.
                b'$' => {
                    let length = if special[1..].starts_with('$') { 2 } else { 1 };
                    text.push_str(&special[..length]);
                    self.at += end + length;
                }
                _ => {
                    let Some(c) = special[1..].chars().next() else {
                        let span = start..self.text.len();
                        return Err(DataError { expected: "the end of this string", span });
                    };
                    text.push(match c {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        other => other,
                    });
                    self.at += end + 1 + c.len_utf8();
                }
            }
        }
    }
}
