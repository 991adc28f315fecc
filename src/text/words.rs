//! Words and lines: counts, times, names and texts that fit a terminal.

use std::collections::BTreeMap;

use super::visible;

/// The most columns of a text.
pub const WIDTH: usize = 80;

/// `1 step`, `2 steps`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Milliseconds for people: `0.3s`, `12.0s`, `1m50s`, `2h05m`.
#[must_use]
pub fn duration(milliseconds: u64) -> String {
    let tenths = milliseconds.saturating_add(50) / 100;
    let seconds = milliseconds.saturating_add(500) / 1000;
    match seconds {
        // Where the tenths round up to a minute, it is one.
        0..60 if tenths < 600 => format!("{}.{}s", tenths / 10, tenths % 10),
        0..3600 => format!("{}m{:02}s", seconds.max(60) / 60, seconds.max(60) % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A text of one line that moves no cursor: plans are read from files, which may hold anything.
#[must_use]
pub fn plain(text: &str) -> String {
    visible::line(text)
}

/// `text` in lines of at most [`WIDTH`] columns where its words allow it: the first after `first`,
/// the others after as many spaces as `indent`.
#[must_use]
pub fn wrap(first: &str, text: &str, indent: usize) -> String {
    let mut lines = first.to_owned();
    let mut column = first.chars().count();
    let mut fresh = true;
    for word in text.split(' ') {
        let length = word.chars().count();
        if !fresh && column + 1 + length > WIDTH {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            column = indent;
            fresh = true;
        }
        if !fresh {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
        fresh = false;
    }
    lines
}

/// Short names of platforms: the architecture, where that tells them apart.
pub fn platform_names<'n>(names: impl IntoIterator<Item = &'n str>) -> BTreeMap<&'n str, &'n str> {
    let names: Vec<&str> = names.into_iter().collect();
    let arch = |name: &'n str| name.split('-').next().unwrap_or(name);
    let unique = |short: &str| names.iter().filter(|name| arch(name) == short).count() == 1;
    let short = |name: &&'n str| if unique(arch(name)) { arch(name) } else { name };
    names.iter().map(|name| (*name, short(name))).collect()
}

/// `a, b and 3 more`.
#[must_use]
pub fn shortened<N: AsRef<str>>(mut names: Vec<N>, most: usize) -> String {
    let rest = names.len().saturating_sub(most);
    names.truncate(most);
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    format!("{}{more}", names.join(", "))
}
