//! What a build leaves for later: its timeline, those before it, and the times of steps.

use camino::{Utf8Path, Utf8PathBuf};
use miette::IntoDiagnostic as _;
use serde_json::{Value, json};

use crate::build::record::FORMAT_VERSION;
use crate::build::report::html;
use crate::build::store::Store;
use crate::build::{Outcome, Record};
use crate::cli::{out, times};
use crate::files::reader;
use crate::files::writer::{self, Ours};
use crate::review::StepGraph;

/// The directory of earlier timelines, below that of the last.
const HISTORY: &str = "history";

/// How many timelines are kept there.
const KEPT: usize = 20;

/// Writes all into `dir`, which lies inside of `within`, and says which page is of this build; users know
/// the directory as `shown`. A disk that is full, or a file that is not ours, does not undo the build: it is
/// warned of.
pub fn write(
    within: &Utf8Path,
    dir: &Utf8Path,
    shown: &Utf8Path,
    record: &Record,
    graph: &StepGraph<'_>,
    quiet: bool,
) {
    match try_write(within, dir, record, graph) {
        Ok(_) if quiet => {}
        Ok(page) => eprintln!("Timeline: {}", shown.join(page)),
        Err(reason) => {
            eprintln!(
                "warning: the timeline was not written: {}",
                out::uncoloured(&reason).trim_end()
            );
        }
    }
}

/// Where this build's page is, from `dir`.
fn try_write(
    within: &Utf8Path,
    dir: &Utf8Path,
    record: &Record,
    graph: &StepGraph<'_>,
) -> miette::Result<Utf8PathBuf> {
    let json = serde_json::to_string_pretty(record).into_diagnostic()?;
    let page = html::render(record).into_diagnostic()?;
    let write = |name: &Utf8Path, text: &str, ours| {
        writer::write_within(within, &dir.join(name), text, ours)
    };
    let put = |name: &Utf8Path| -> miette::Result<()> {
        let text = format!("{json}\n");
        write(&name.with_extension("json"), &text, Ours::Known(|text| has(text, "jobs")))?;
        write(name, &page, Ours::Marked)?;
        Ok(())
    };
    let mut name = Utf8Path::new(HISTORY).join(format!("{}.html", record.started));
    put(&name)?;
    forget(within, &dir.join(HISTORY));
    let last = Utf8PathBuf::from("timeline.html");
    if tells_more(record, &dir.join(last.with_extension("json"))) {
        put(&last)?;
        name = last;
    }
    // A build knows only what it built itself; what earlier ones measured holds on.
    let file = dir.join(times::FILE);
    let mut all = times::earlier(&file, &mut Store::new(graph));
    all.update(record.times());
    let text = json!({ "format_version": FORMAT_VERSION, "steps": all.steps });
    let known = Ours::Known(|text| has(text, "steps"));
    write(Utf8Path::new(times::FILE), &format!("{text:#}\n"), known)?;
    Ok(name)
}

/// Whether a build takes the place of the one before: all that went well do; one that ended early
/// only where that one was no longer.
fn tells_more(record: &Record, before: &Utf8Path) -> bool {
    if record.outcome == Outcome::Done {
        return true;
    }
    let text = reader::text(before).unwrap_or_default();
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    let longer = value.get("milliseconds").and_then(Value::as_u64);
    longer.is_none_or(|longer| longer <= record.milliseconds)
}

/// Removes the oldest timelines beyond those that are kept. What cannot be removed stays.
fn forget(within: &Utf8Path, dir: &Utf8Path) {
    let files = dir.read_dir_utf8().into_iter().flatten().flatten();
    let number = |path: &Utf8Path| path.file_stem().and_then(|stem| stem.parse::<u64>().ok());
    let mut builds: Vec<u64> = files.filter_map(|file| number(file.path())).collect();
    builds.sort_unstable();
    builds.dedup();
    let surplus = builds.len().saturating_sub(KEPT);
    for build in builds.into_iter().take(surplus) {
        for ending in ["html", "json"] {
            writer::remove_within(within, &dir.join(format!("{build}.{ending}")));
        }
    }
}

/// Whether a text is one of our documents: with a version, and with `key`. One that was cut off by
/// a full disk of old is none, and stays.
fn has(text: &str, key: &str) -> bool {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    value.get("format_version").is_some() && value.get(key).is_some()
}
