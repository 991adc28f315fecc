//! Findings for people, for programs, and for a bug report.

use std::fmt::Write as _;

use serde_json::json;

use super::private::Private;
use super::{Finding, State};

/// The version of the JSON document.
const FORMAT_VERSION: u32 = 1;

/// For people.
#[must_use]
pub fn text(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let mark = match finding.state {
            State::Good => "ok",
            State::Note => "-",
            State::Weak => "weak",
            State::Missing => "MISSING",
        };
        let Finding { check, found, cure, .. } = finding;
        writeln!(out, "{mark:>7}  {check}: {found}").expect("a string takes every line");
        if let Some(cure) = cure {
            writeln!(out, "           cure: {cure}").expect("a string takes every line");
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
