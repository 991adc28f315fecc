//! What `rbn-plan doc` says of the pages that it made, and how it shows them.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use crate::checks::Checked;
use crate::cli::{CommandResult, print};

/// Tells what rustdoc said, and where the site is.
pub fn tell(all: &[Checked], dir: &Utf8Path, usual: &str, open: bool) -> CommandResult {
    let mut text = String::new();
    for checked in all {
        if !checked.report.passed() {
            text.push_str(&format!("--- {} {}\n", checked.name(usual), checked.ended()));
        }
        text.push_str(&checked.said.1);
    }
    text.push_str(&format!("Pages: {dir}\n"));
    let first = first(all, dir, usual);
    if let Some(page) = &first {
        text.push_str(&format!("First page: {page}\n"));
    }
    let printed = print(&text)?;
    match first {
        Some(page) if open => show(&page)?,
        _ => {}
    }
    Ok(printed)
}

/// The page of the first crate that was asked for: `cargo doc --open` shows that, too.
fn first(all: &[Checked], dir: &Utf8Path, usual: &str) -> Option<Utf8PathBuf> {
    let is_usual = |checked: &&Checked| checked.platform == usual && checked.report.passed();
    // Lints of other packages are silenced.
    let own =
        |checked: &&Checked| !checked.report.call.words.iter().any(|word| word == "--cap-lints");
    let found = all.iter().filter(is_usual).find(own);
    let found = found.or_else(|| all.iter().find(is_usual))?;
    let mut words = found.report.call.words.iter().skip_while(|word| *word != "--crate-name");
    Some(dir.join(usual).join(words.nth(1)?).join("index.html"))
}

pub(super) fn show(page: &Utf8Path) -> miette::Result<()> {
    let browser = std::env::var("BROWSER").ok().filter(|browser| !browser.is_empty());
    let program = browser.unwrap_or_else(|| "xdg-open".to_owned());
    let status = Command::new(&program).arg(page).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(unshown(&program, &status.to_string())),
        Err(error) => Err(unshown(&program, &error.to_string())),
    }
}

fn unshown(program: &str, why: &str) -> miette::Report {
    miette::miette!(
        help = "set BROWSER to a program that takes a page's path, or open the page that is named above",
        "could not show the page with `{program}`: {why}"
    )
}
