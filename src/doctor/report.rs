//! Findings for people, for programs, and for a bug report.

use serde_json::json;

use super::private::Private;
use super::{Finding, State, fix};
use crate::text::words::{WIDTH, wrap};

/// The version of the JSON document.
const FORMAT_VERSION: u32 = 1;

/// For people: a line for each finding, and one for its cure.
#[must_use]
pub fn text(findings: &[Finding]) -> String {
    lines(findings, |first, text| format!("{first}{text}"))
}

/// The same in lines that fit a terminal. A line of nix.conf, which somebody may copy, stays whole.
#[must_use]
pub fn wrapped(findings: &[Finding]) -> String {
    lines(findings, |first, text| match text.strip_prefix(fix::ADD) {
        Some(line) if first.chars().count() + text.chars().count() > WIDTH => {
            format!("{first}{}\n{:INDENT$}{line}", fix::ADD.trim_end(), "")
        }
        _ => wrap(first, text, INDENT),
    })
}

/// Where lines after the first begin.
const INDENT: usize = 11;

/// Findings and cures, each as `told` of what stands before it and its words.
fn lines(findings: &[Finding], told: impl Fn(&str, &str) -> String) -> String {
    let mut out = String::new();
    for finding in findings {
        let mark = match finding.state {
            State::Good => "ok",
            State::Note => "-",
            State::Weak => "weak",
            State::Missing => "MISSING",
        };
        let Finding { check, found, cure, .. } = finding;
        out.push_str(&told(&format!("{mark:>7}  {check}: "), found));
        out.push('\n');
        if let Some(cure) = cure {
            out.push_str(&told(&format!("{:INDENT$}cure: ", ""), cure));
            out.push('\n');
        }
    }
    out
}

/// For programs.
#[must_use]
pub fn json(findings: &[Finding]) -> String {
    let worst = findings.iter().map(|finding| finding.state).max().unwrap_or(State::Good);
    let document = json!({
        "format_version": FORMAT_VERSION,
        "ready": worst != State::Missing,
        "findings": findings,
    });
    format!("{document:#}\n")
}

/// For a bug report: the findings and the versions, and nothing that is private.
#[must_use]
pub fn report(findings: &[Finding], kernel: &str, private: &Private) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let body = format!("rbn-plan {version} on {kernel}\n\n{}", text(findings));
    private.scrub(&body)
}
