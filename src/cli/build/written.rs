//! What a build leaves for later: the timeline, and the times of its steps.

use camino::Utf8Path;
use miette::IntoDiagnostic as _;
use serde_json::json;

use crate::build::Record;
use crate::build::record::FORMAT_VERSION;
use crate::build::report::html;
use crate::build::store::Store;
use crate::cli::{out, times};
use crate::files::writer::{self, Ours};
use crate::review::StepGraph;

/// Writes both into `dir`, which users know as `shown` and which lies inside of `within`. A disk that is full, or a file that is
/// not ours, does not undo the build: it is warned of.
pub fn write(
    within: &Utf8Path,
    dir: &Utf8Path,
    shown: &Utf8Path,
    record: &Record,
    graph: &StepGraph<'_>,
) {
    let page = shown.join("timeline.html");
    match try_write(within, dir, record, graph) {
        Ok(()) => eprintln!("Timeline: {page}"),
        Err(reason) => {
            eprintln!(
                "warning: the timeline was not written: {}",
                out::uncoloured(&reason).trim_end()
            );
        }
    }
}

fn try_write(
    within: &Utf8Path,
    dir: &Utf8Path,
    record: &Record,
    graph: &StepGraph<'_>,
) -> miette::Result<()> {
    let write =
        |name: &str, text: &str, ours| writer::write_within(within, &dir.join(name), text, ours);
    let json = serde_json::to_string_pretty(record).into_diagnostic()?;
    write("timeline.json", &format!("{json}\n"), Ours::Known(|text| has(text, "jobs")))?;
    write("timeline.html", &html::render(record).into_diagnostic()?, Ours::Marked)?;
    // A build knows only what it built itself; what earlier ones measured holds on.
    let file = dir.join(times::FILE);
    let mut all = times::earlier(&file, &mut Store::new(graph));
    all.update(record.times());
    let text = json!({ "format_version": FORMAT_VERSION, "steps": all.steps });
    write(times::FILE, &format!("{text:#}\n"), Ours::Known(|text| has(text, "steps")))?;
    Ok(())
}

/// Whether a text is one of our documents: with a version, and with `key`. One that was cut off by
/// a full disk of old is none, and stays.
fn has(text: &str, key: &str) -> bool {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    value.get("format_version").is_some() && value.get(key).is_some()
}
