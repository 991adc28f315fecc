//! What failed, with its own log.

use crate::build::tracker::{Running, plain};
use crate::text::words::plain as word;

/// A job that failed, its log in full, and why in Nix's words.
#[must_use]
pub fn job(job: &Running) -> String {
    let mut text = format!("{} failed:\n", word(&job.label()));
    for line in &job.log {
        let line = format!("  {}", plain(line));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if job.log.is_empty() {
        text.push_str("  (it said nothing)\n");
    }
    if !job.reason.is_empty() {
        text.push_str(&format!("nix: {}\n", plain(&job.reason)));
    }
    text
}
