//! What a build leaves for later: its timeline, those before it, and the times of steps.

use camino::{Utf8Path, Utf8PathBuf};
use miette::IntoDiagnostic as _;
use serde_json::{Value, json};

use crate::build::record::FORMAT_VERSION;
use crate::build::report::html;
use crate::build::store::Store;
use crate::build::{Outcome, Record};
use crate::cli::times;
use crate::files::writer;
use crate::review::StepGraph;

/// The directory of earlier timelines, below that of the last.
const HISTORY: &str = "history";

/// How many timelines are kept there.
const KEPT: usize = 20;

/// Writes all into `dir`, and says which page is of this build; users know the directory as
/// `shown`. A disk that is full does not undo the build: it is warned of.
pub fn write(
    dir: &Utf8Path,
    shown: &Utf8Path,
    record: &Record,
    graph: &StepGraph<'_>,
    quiet: bool,
) {
    match try_write(dir, record, graph) {
        Ok(_) if quiet => {}
        Ok(page) => eprintln!("Timeline: {}", shown.join(page)),
        Err(reason) => eprintln!("warning: the timeline was not written: {reason:?}"),
    }
}

/// Where this build's page is, from `dir`.
fn try_write(
    dir: &Utf8Path,
    record: &Record,
    graph: &StepGraph<'_>,
) -> miette::Result<Utf8PathBuf> {
    let json = serde_json::to_string_pretty(record).into_diagnostic()?;
    let page = html::render(record).into_diagnostic()?;
    let put = |name: &Utf8Path| -> miette::Result<()> {
        writer::write(&dir.join(name.with_extension("json")), &format!("{json}\n"))?;
        writer::write(&dir.join(name), &page)?;
        Ok(())
    };
    let mut name = Utf8Path::new(HISTORY).join(format!("{}.html", record.started));
    put(&name)?;
    forget(&dir.join(HISTORY));
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
    writer::write(&file, &format!("{text:#}\n"))?;
    Ok(name)
}

/// Whether a build takes the place of the one before: all that went well do; one that ended early
/// only where that one was no longer.
fn tells_more(record: &Record, before: &Utf8Path) -> bool {
    if record.outcome == Outcome::Done {
        return true;
    }
    let text = std::fs::read_to_string(before).unwrap_or_default();
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    let longer = value.get("milliseconds").and_then(Value::as_u64);
    longer.is_none_or(|longer| longer <= record.milliseconds)
}

/// Removes the oldest timelines beyond those that are kept. What cannot be removed stays.
fn forget(dir: &Utf8Path) {
    let files = dir.read_dir_utf8().into_iter().flatten().flatten();
    let number = |path: &Utf8Path| path.file_stem().and_then(|stem| stem.parse::<u64>().ok());
    let mut builds: Vec<u64> = files.filter_map(|file| number(file.path())).collect();
    builds.sort_unstable();
    builds.dedup();
    let surplus = builds.len().saturating_sub(KEPT);
    for build in builds.into_iter().take(surplus) {
        for ending in ["html", "json"] {
            let _ = std::fs::remove_file(dir.join(format!("{build}.{ending}")));
        }
    }
}
