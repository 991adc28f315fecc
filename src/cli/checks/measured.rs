//! What `rbn-plan coverage` says of the lines that ran.

use camino::Utf8Path;

use super::{Args, pages};
use crate::checks::{ChecksError, coverage};
use crate::cli::{CommandResult, Outcome, print};
use crate::files::writer;

/// Tells which lines ran, and whether they are as many as was asked for.
pub fn tell(args: &Args, dir: &Utf8Path, usual: &str) -> CommandResult {
    let dir = dir.join(usual);
    let (files, lcov) = coverage::read(&dir.join("lcov.info"))?;
    if let Some(file) = &args.lcov {
        writer::write(file, &lcov)?;
    }
    let mut text = coverage::table(&files);
    let page = dir.join("html/index.html");
    if page.exists() {
        text.push_str(&format!("Pages: {page}\n"));
    }
    let sum = coverage::sum(&files);
    let is_short = args.fail_under_lines.filter(|wanted| sum.percent() < *wanted);
    if let Some(wanted) = is_short {
        text.push_str(&format!("That is less than the {wanted} % of --fail-under-lines.\n"));
    }
    print(&text)?;
    if args.open && page.exists() {
        pages::show(&page)?;
    }
    Ok(if is_short.is_some() { Outcome::Failed } else { Outcome::Done })
}

/// A share of lines: a number from 0 to 100.
pub fn percent(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| ChecksError::Percent(text.to_owned()).to_string())
}
