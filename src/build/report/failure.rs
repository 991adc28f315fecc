//! What failed: its own words, once, with nothing beside them, and what cures it.

use crate::build::tracker::{Running, plain};
use crate::text::words::plain as word;

/// How the builder names the step and the reason, and how it shows the command.
const FAILED: &str = "rbn-plan: step ";
const COMMAND: &str = "rbn-plan: the command was";

/// A job that failed: why, its log as wide as it is, and what cures it. The command, and why in
/// Nix's own words, are for `verbose` alone, where the log says more.
#[must_use]
pub fn job(job: &Running, hints: &[String], verbose: bool) -> String {
    let log: Vec<String> = job.log.iter().map(|line| readable(line)).collect();
    let (said, reason) = parts(&log, verbose);
    let mut text = match &reason {
        Some(reason) => format!("{} failed: {reason}\n", word(&job.label())),
        None => format!("{} failed:\n", word(&job.label())),
    };
    for line in &said {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if log.iter().all(|line| line.trim().is_empty()) {
        text.push_str("(it said nothing)\n");
    }
    let obvious = reason.is_some() && job.reason.contains("failed with exit code");
    if !job.reason.is_empty() && (verbose || !obvious) {
        text.push_str(&format!("nix: {}\n", plain(&job.reason)));
    }
    for line in hints {
        text.push_str(&format!("{line}\n"));
    }
    text
}

/// The log without what the builder adds, and the reason that it gives.
fn parts(log: &[String], verbose: bool) -> (Vec<&str>, Option<String>) {
    let mut said: Vec<&str> = Vec::new();
    let mut reason = None;
    let mut is_command = false;
    let log = if verbose { log.iter().map(String::as_str).collect() } else { for_people(log) };
    for line in log {
        if let Some((_, why)) =
            line.strip_prefix(FAILED).and_then(|rest| rest.split_once(" failed: "))
        {
            reason = Some(why.to_owned());
        } else if line.starts_with(COMMAND) {
            is_command = true;
        } else if is_command {
            // The command stands alone, on the next line.
            is_command = false;
            if verbose {
                said.push(line);
            }
            continue;
        } else {
            said.push(line);
            continue;
        }
        if verbose {
            said.push(line);
        }
    }
    let is_empty = |line: &&&str| line.trim().is_empty();
    let start = said.iter().take_while(is_empty).count();
    let end = said.len() - said.iter().rev().take_while(is_empty).count();
    let mut kept: Vec<&str> = Vec::new();
    for line in said.get(start..end).unwrap_or_default() {
        // Where something was taken out, one empty line stays.
        if !(line.trim().is_empty() && kept.last().is_some_and(|last| last.trim().is_empty())) {
            kept.push(line);
        }
    }
    (kept, reason)
}

/// How the builder heads what a script that failed wrote to its two streams.
const STREAMS: [&str; 2] = ["--- stdout", "--- stderr"];

/// A log without what a build script says to Cargo alone, and without headings that nothing follows. Its
/// warnings stand above already.
fn for_people(log: &[String]) -> Vec<&str> {
    let mut kept: Vec<&str> = Vec::new();
    let mut is_stdout = false;
    for line in log.iter().map(String::as_str) {
        if STREAMS.contains(&line) {
            is_stdout = line == STREAMS[0];
        }
        let is_protocol = line.starts_with("cargo:") && !line.starts_with("cargo::error=");
        if !(is_stdout && is_protocol) {
            kept.push(line);
        }
    }
    let is_headed = |at: usize| {
        let next =
            kept.get(at + 1..).unwrap_or_default().iter().find(|line| !line.trim().is_empty());
        next.is_some_and(|next| !STREAMS.contains(next) && !next.starts_with(FAILED))
    };
    let wanted = |at: usize| !STREAMS.contains(&kept[at]) || is_headed(at);
    (0..kept.len()).filter(|at| wanted(*at)).map(|at| kept[at]).collect()
}

/// A line that people can read. Where a builder did not even start, an old Nix writes its error in
/// the form in which programs exchange it: numbers of eight bytes, and texts among them.
fn readable(line: &str) -> String {
    let longest = line.split('\0').max_by_key(|part| part.len()).unwrap_or(line);
    plain(longest)
}
