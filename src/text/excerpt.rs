//! A text whose places are shown in messages, at a cost that does not grow with it.
//!
//! miette's own sources look for a place from the start of the text, and show whole lines. With
//! thousands of problems in one file, or all of them on one line, that is quadratic.

use std::ops::Range;
use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// The most bytes that are shown around a place whose lines are longer than that.
const MOST: usize = 4096;

/// What is shown on both sides of a place on such a line, in bytes.
const AROUND: usize = 100;

/// The text of a file, with its name and where its lines begin.
#[derive(Clone, Debug)]
pub struct Excerpt {
    name: String,
    text: Arc<str>,
    starts: Arc<[usize]>,
}

impl Excerpt {
    /// The text of the file `name`.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(after).collect();
        Self { name: name.into(), text, starts }
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line that the byte `at` is in, from 0.
    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// The bytes of some lines; those that are not there count for nothing.
    fn lines(&self, lines: Range<usize>) -> Range<usize> {
        self.starts[lines.start]..self.starts.get(lines.end).copied().unwrap_or(self.text.len())
    }

    fn contents<'a>(
        &'a self,
        bytes: Range<usize>,
        line: usize,
        column: usize,
        line_count: usize,
    ) -> Box<dyn SpanContents<'a> + 'a> {
        let span = (bytes.start, bytes.len()).into();
        let data = &self.text.as_bytes()[bytes];
        let name = self.name.clone();
        Box::new(MietteSpanContents::new_named(name, data, span, line, column, line_count))
    }
}

/// `at`, or the nearest place before it that is no middle of a character.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset().checked_add(span.len()).filter(|end| *end <= self.text.len());
        let end = end.ok_or(MietteError::OutOfBounds)?;
        // One line more on each side: miette looks at how lines end.
        let (first, last) = (self.line(span.offset()), self.line(end));
        let from = first.saturating_sub(before + 1);
        let region = self.lines(from..last + after + 2);
        if region.len() <= MOST {
            let inner = SourceSpan::from((span.offset() - region.start, span.len()));
            let found = self.text[region.clone()].read_span(&inner, before, after)?;
            let start = region.start + found.span().offset();
            let bytes = start..start + found.data().len();
            return Ok(self.contents(
                bytes,
                from + found.line(),
                found.column(),
                found.line_count(),
            ));
        }
        let around = if before + after == 0 { 0 } else { AROUND };
        let start = span.offset().saturating_sub(around).max(self.starts[first]);
        let start = boundary(&self.text, start);
        let line = self.lines(last..last + 1);
        let line_end = self.text[line.clone()].trim_end_matches(['\r', '\n']).len() + line.start;
        let stop = (end + around).min(line_end.max(end)).min(start + MOST);
        let stop = boundary(&self.text, stop);
        Ok(self.contents(start..stop, first, start - self.starts[first], last - first + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of short lines all is as miette has it.
    #[test]
    fn as_the_whole_text() {
        for text in ["", "one", "one\n", "a\nbb\r\n\nccc é\nd", "\n\n"] {
            let excerpt = Excerpt::new("file", text);
            for offset in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                for len in (0..=text.len() - offset).filter(|n| text.is_char_boundary(offset + n)) {
                    for (before, after) in [(0, 0), (1, 1), (2, 0)] {
                        let span = SourceSpan::from((offset, len));
                        let said = |found: Result<Box<dyn SpanContents<'_> + '_>, _>| {
                            let found = found.ok()?;
                            let data = found.data().to_vec();
                            let span = *found.span();
                            // Its count of lines depends on what is far before an empty place.
                            Some((data, span, found.line(), found.column()))
                        };
                        assert_eq!(
                            said(excerpt.read_span(&span, before, after)),
                            said(text.read_span(&span, before, after)),
                            "{text:?} {offset}+{len} {before} {after}"
                        );
                    }
                }
            }
            assert!(excerpt.read_span(&(text.len(), 1).into(), 1, 1).is_err());
        }
    }

    #[test]
    fn of_long_lines_the_place_is_shown() {
        let text = format!("first\n{}\nlast", "é".repeat(MOST));
        let excerpt = Excerpt::new("file", text.as_str());
        for offset in (6..text.len()).step_by(97) {
            let offset = boundary(&text, offset);
            let found = excerpt.read_span(&(offset, 2).into(), 1, 1).expect("it is there");
            assert!(found.data().len() < 500);
            assert!(std::str::from_utf8(found.data()).is_ok());
            assert!(found.span().offset() <= offset);
            let exact = excerpt.read_span(&(offset, 2).into(), 0, 0).expect("it is there");
            assert_eq!(exact.span().offset(), offset);
        }
        let all = excerpt.read_span(&(0, text.len()).into(), 1, 1).expect("it is there");
        assert!(all.data().len() <= MOST);
    }
}
