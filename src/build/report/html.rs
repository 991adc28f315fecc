//! The timeline as one page: no network, no other file.

use serde::Serialize;

use crate::build::{Record, Summary};
use crate::template::{self, Template};
use crate::text::words::duration;

#[derive(Serialize)]
struct Page {
    version: &'static str,
    style: &'static str,
    script: &'static str,
    data: String,
}

impl Template for Page {
    const NAME: &'static str = "timeline.html";
}

/// What the page's script works on.
#[derive(Serialize)]
struct Data<'r> {
    record: &'r Record,
    /// The sums in words.
    time: String,
    sum: String,
    critical: String,
}

/// Renders the page.
///
/// # Errors
/// tera's own, which a record cannot cause.
pub fn render(record: &Record) -> Result<String, tera::Error> {
    let summary = Summary::of(record);
    let data = Data {
        record,
        time: duration(record.milliseconds),
        sum: duration(summary.sum),
        critical: duration(summary.critical_sum),
    };
    let data = serde_json::to_string(&data).expect("names and numbers: nothing JSON cannot say");
    template::render(&Page {
        version: env!("CARGO_PKG_VERSION"),
        style: concat!(
            include_str!("../../../templates/page.css"),
            include_str!("../../../templates/timeline.css")
        ),
        script: include_str!("../../../templates/timeline.js"),
        // Inside a script element only `<` can end or open anything.
        data: data.replace('<', "\\u003c"),
    })
}
