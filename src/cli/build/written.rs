//! What a build leaves for later: the timeline, and the times of its steps.

use camino::Utf8Path;
use serde_json::json;

use crate::build::Record;
use crate::build::record::FORMAT_VERSION;
use crate::build::report::html;
use crate::build::store::Store;
use crate::cli::times;
use crate::files::writer;
use crate::review::StepGraph;

/// Writes both into `dir`, which users know as `shown`. A disk that is full does not undo the build: it is warned of.
pub fn write(dir: &Utf8Path, shown: &Utf8Path, record: &Record, graph: &StepGraph<'_>) {
    let page = shown.join("timeline.html");
    match try_write(dir, record, graph) {
        Ok(()) => eprintln!("Timeline: {page}"),
        Err(reason) => eprintln!("warning: the timeline was not written: {reason:?}"),
    }
}

fn try_write(dir: &Utf8Path, record: &Record, graph: &StepGraph<'_>) -> miette::Result<()> {
    use miette::IntoDiagnostic as _;
    let json = serde_json::to_string_pretty(record).into_diagnostic()?;
    writer::write(&dir.join("timeline.json"), &format!("{json}\n"))?;
    writer::write(&dir.join("timeline.html"), &html::render(record).into_diagnostic()?)?;
    // A build knows only what it built itself; what earlier ones measured holds on.
    let file = dir.join(times::FILE);
    let mut all = times::earlier(&file, &mut Store::new(graph));
    all.update(record.times());
    let text = json!({ "format_version": FORMAT_VERSION, "steps": all.steps });
    writer::write(&file, &format!("{text:#}\n"))?;
    Ok(())
}
