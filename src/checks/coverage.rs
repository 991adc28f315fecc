//! What of the code ran, read from the lines of an LCOV file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use camino::Utf8Path;

use super::error::ChecksError;
use crate::files::reader;

/// The lines of a file that can run, and those that did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// How many can run.
    pub all: u64,
    /// How many of them did.
    pub ran: u64,
}

impl Lines {
    /// In hundredths; all of nothing ran.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "no program has 2^52 lines")]
    pub fn percent(self) -> f64 {
        if self.all == 0 { 100.0 } else { self.ran as f64 * 100.0 / self.all as f64 }
    }

    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.ran += other.ran;
    }
}

/// Files, by their paths from the workspace root.
pub type Files = BTreeMap<String, Lines>;

/// Reads the file that a plan of coverage makes for a platform.
///
/// # Errors
/// It cannot be read, or is no LCOV file.
pub fn read(file: &Utf8Path) -> Result<(Files, String), ChecksError> {
    let text = reader::text(file)?;
    let files =
        parse(&text).map_err(|reason| ChecksError::Lcov { file: file.to_owned(), reason })?;
    Ok((files, text))
}

/// `SF:` names a file, `DA:` tells of one of its lines how often it ran.
fn parse(text: &str) -> Result<Files, String> {
    let mut files = Files::new();
    let mut name: Option<&str> = None;
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            name = Some(path);
            files.entry(path.to_owned()).or_default();
        } else if let Some(data) = line.strip_prefix("DA:") {
            let wrong = || format!("`{line}` tells of no line of a file");
            let (_, rest) = data.split_once(',').ok_or_else(wrong)?;
            let times = rest.split(',').next().unwrap_or_default();
            let times: u64 = times.parse().map_err(|_| wrong())?;
            let lines = name.and_then(|name| files.get_mut(name)).ok_or_else(wrong)?;
            lines.add(Lines { all: 1, ran: u64::from(times > 0) });
        }
    }
    Ok(files)
}

/// All of them together.
#[must_use]
pub fn sum(files: &Files) -> Lines {
    let mut sum = Lines::default();
    files.values().for_each(|lines| sum.add(*lines));
    sum
}

/// A line for each file, and the sum.
#[must_use]
pub fn table(files: &Files) -> String {
    let mut text = String::new();
    for (name, lines) in files {
        let _ = writeln!(text, "{:>7}  {:>13}  {name}", percent(*lines), of(*lines));
    }
    let sum = sum(files);
    let _ = writeln!(text, "Lines: {}, {}", percent(sum), of(sum));
    text
}

fn percent(lines: Lines) -> String {
    format!("{:.1} %", lines.percent())
}

fn of(lines: Lines) -> String {
    format!("{} of {}", lines.ran, lines.all)
}

#[cfg(test)]
mod tests {
    use super::{Lines, parse, sum, table};

    const TEXT: &str = "SF:app/src/lib.rs\nFN:1,x\nDA:1,2\nDA:2,0\nLF:2\nLH:1\nend_of_record
SF:lib/src/lib.rs\nDA:7,18446744073709551615\nend_of_record\n";

    #[test]
    fn lines_are_counted_by_file() {
        let files = parse(TEXT).expect("lines");
        assert_eq!(files["app/src/lib.rs"], Lines { all: 2, ran: 1 });
        assert_eq!(sum(&files), Lines { all: 3, ran: 2 });
        let table = table(&files);
        assert!(table.contains("50.0 %         1 of 2  app/src/lib.rs\n"), "{table}");
        assert!(table.ends_with("Lines: 66.7 %, 2 of 3\n"), "{table}");
    }

    #[test]
    fn what_is_no_line_is_refused() {
        for text in ["DA:1,2\n", "SF:a\nDA:1\n", "SF:a\nDA:1,many\n"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("").map(|files| sum(&files).percent()), Ok(100.0));
    }
}
