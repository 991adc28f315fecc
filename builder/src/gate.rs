//! A gate: it fails where one of the checks behind it found something, and shows what that said.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::attempt::make;
use crate::facts::Facts;
use crate::failure::Failure;
use crate::here::{say, write};
use crate::report::{End, REPORT, Report};

/// How many lines of what failed are shown.
const LINES: usize = 200;

pub(crate) fn gate(mut facts: Facts, out: &Path) -> Result<(), Failure> {
    let reports = facts.texts("reports")?;
    facts.done()?;
    let mut failed = Vec::new();
    for path in &reports {
        let text = fs::read_to_string(Path::new(path).join(REPORT))
            .map_err(|error| Failure::new(format!("cannot read {path}/{REPORT}: {error}")))?;
        let report = Report::read(&text)?;
        if !report.passed() {
            show(path, &report);
            failed.push(format!("{} of {}", report.check, report.step));
        }
    }
    if failed.is_empty() {
        return write(out, &reports.iter().map(|path| format!("{path}\n")).collect::<String>());
    }
    let what = format!("{} of {} checks found something", failed.len(), reports.len());
    Err(failed.into_iter().fold(Failure::new(what), Failure::with))
}

/// All reports in one directory.
pub(crate) fn reports(mut facts: Facts, out: &Path) -> Result<(), Failure> {
    let reports = facts.table("reports")?;
    facts.done()?;
    make(out)?;
    for (name, path) in reports {
        let place = out.join(name);
        make(place.parent().unwrap_or(out))?;
        symlink(path, &place)
            .map_err(|error| Failure::new(format!("cannot link {}: {error}", place.display())))?;
    }
    Ok(())
}

fn show(path: &str, report: &Report) {
    let number = report.attempts.len();
    say(&format!("--- {} of {} {}: {path}", report.check, report.step, how(report)));
    for name in ["stdout", "stderr"] {
        let file = Path::new(path).join(format!("{number}.{name}"));
        let bytes = fs::read(file).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(LINES);
        if from > 0 {
            say(&format!("[... {from} lines before are in {path}/{number}.{name} ...]"));
        }
        for line in &lines[from..] {
            say(line);
        }
    }
}

fn how(report: &Report) -> String {
    let full = match report.attempts.last() {
        Some(attempt) if attempt.full => ", with no room left on the disk of the build",
        _ => "",
    };
    let ended = match report.attempts.last().map(|attempt| attempt.end) {
        Some(End::Code(code)) => format!("ended with status {code}"),
        Some(End::Signal(signal)) => format!("was ended by signal {signal}"),
        Some(End::Timeout(seconds)) => format!("did not end within {seconds} seconds"),
        None => "was not run".to_owned(),
    };
    format!("{ended}{full}")
}
