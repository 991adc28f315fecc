//! `rbn-plan config`: every effective value, and where it came from.

use std::fmt::Write as _;

use serde_json::json;

use super::select::SelectArgs;
use super::{CommandResult, print, print_json};
use crate::config::{Entry, Loaded, Notice, Origin, reference, schema};

/// The most columns of the text.
const WIDTH: usize = 80;

/// The version of the JSON document.
const FORMAT_VERSION: u32 = 1;

/// Shows every effective value and where it came from.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to show them. The text is itself a configuration file.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Prints the reference page of all keys (Markdown) instead.
    #[arg(long, conflicts_with = "format")]
    pub reference: bool,
    /// What else could be said by flags, and which file is read.
    #[command(flatten)]
    pub select: SelectArgs,
}

/// How values are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// TOML with comments, 80 columns.
    Text,
    /// One JSON document.
    Json,
}

/// Shows the configuration.
pub fn run(args: &Args) -> CommandResult {
    if args.reference {
        return print(&reference());
    }
    let options = args.select.options()?;
    let rustc = options.compiler()?;
    let loaded = args.select.config(&options, &rustc)?;
    match args.format {
        Format::Text => print(&text(&loaded)),
        Format::Json => print_json(&json(&loaded)),
    }
}

/// The values as JSON.
#[must_use]
pub fn json(loaded: &Loaded) -> String {
    let settings: Vec<_> = loaded
        .config
        .entries()
        .into_iter()
        .map(|entry| json!({ "key": entry.key(), "value": entry.value, "origin": entry.origin }))
        .collect();
    let document = json!({
        "format_version": FORMAT_VERSION,
        "file": loaded.config.file,
        "settings": settings,
        "notices": loaded.notices,
    });
    format!("{document:#}\n")
}

/// The values as a commented configuration file.
#[must_use]
pub fn text(loaded: &Loaded) -> String {
    let mut page = match &loaded.config.file {
        Some(file) => format!("# The configuration of {file}, with all defaults.\n"),
        None => "# No config.toml: all defaults.\n".to_owned(),
    };
    let mut table: Option<(String, Option<usize>)> = None;
    for entry in loaded.config.entries() {
        let here = (entry.section.clone(), entry.index);
        if table.as_ref() != Some(&here) {
            let header = match entry.index {
                Some(_) => format!("\n[[{}]]\n", entry.section),
                None => format!("\n[{}]\n", entry.section),
            };
            page.push_str(&header);
            table = Some(here);
        }
        page.push_str(&value(&entry));
    }
    notices(&mut page, &loaded.notices);
    page
}

/// One value, its origin behind it where the line has room, above it otherwise.
fn value(entry: &Entry) -> String {
    let Some(value) = &entry.value else {
        let sentence = match default_rule(entry) {
            "none" => format!("{} is not set", entry.name),
            rule => format!("{} is not set: {rule}", entry.name),
        };
        return wrapped("# ", sentence.split_whitespace(), "# ");
    };
    let line = format!("{} = {value}", entry.name);
    let short = format!("{line}  # {}\n", entry.origin);
    if short.chars().count() <= WIDTH + 1 {
        return short;
    }
    let mut long = format!("# {}\n", entry.origin);
    match value {
        toml::Value::Array(elements) if line.chars().count() > WIDTH => {
            long.push_str(&format!("{} = [\n", entry.name));
            for element in elements {
                long.push_str(&format!("  {element},\n"));
            }
            long.push_str("]\n");
        }
        _ => long.push_str(&format!("{line}\n")),
    }
    long
}

/// What the schema says holds where `entry` has no value.
fn default_rule(entry: &Entry) -> &'static str {
    let mut parts = entry.section.split('.');
    let first = parts.next().unwrap_or_default();
    let nested = parts.next().is_some();
    let fits = |key: &&schema::Key| {
        let mut path = key.path.split('.');
        path.next() == Some(first)
            && (!nested || path.next().is_some_and(|part| part.starts_with('<')))
            && path.collect::<Vec<_>>().join(".") == entry.name
    };
    schema::keys().iter().find(fits).map_or("the default holds", |key| key.default)
}

/// The notices, one paragraph for each message.
fn notices(page: &mut String, notices: &[Notice]) {
    let mut messages: Vec<&str> = Vec::new();
    for notice in notices {
        if !messages.contains(&notice.message.as_str()) {
            messages.push(&notice.message);
        }
    }
    for message in messages {
        page.push_str(&wrapped("\n# notice: ", message.split_whitespace(), "#   "));
        let mut keys: Vec<String> =
            notices.iter().filter(|notice| notice.message == message).map(place).collect();
        let last = keys.len().saturating_sub(1);
        for key in &mut keys[..last] {
            key.push(',');
        }
        page.push_str(&wrapped("#   - ", keys.iter().map(String::as_str), "#     "));
    }
}

fn place(notice: &Notice) -> String {
    match &notice.origin {
        Origin::File { line, .. } => format!("{} (line {line})", notice.key),
        _ => notice.key.clone(),
    }
}

/// `words` in lines of at most 80 columns where their lengths allow it.
fn wrapped<'w>(first: &str, words: impl Iterator<Item = &'w str>, rest: &str) -> String {
    let mut lines = first.to_owned();
    let mut column = first.trim_start_matches('\n').chars().count();
    for (at, word) in words.enumerate() {
        let length = word.chars().count();
        if at > 0 && column + 1 + length > WIDTH {
            write!(lines, "\n{rest}").expect("a string takes what is written");
            column = rest.chars().count();
        } else if at > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines.push('\n');
    lines
}
