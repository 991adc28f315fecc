//! Checks: what runs programs and tools over what was compiled, and reports how that ended.
//!
//! This and the modules that it calls stand only in plans that ask for checks, in a program of its
//! own. A check never fails for what it finds: it leaves a [`report`](crate::report), and a gate
//! fails on it. So a build that failed can show why, and what failed is not run again to see it.
//!
//! Out of a check:  report.json        how it ended
//!                  1.stdout, 1.stderr what it said, for each attempt
//!                  profiles/          what ran, of programs that count it
//!                  doc/, parts/       pages, of rustdoc, and what a site has of them in one file

use std::path::PathBuf;
use std::process::ExitCode;

use crate::attempt::{Check, make};
use crate::facts::Facts;
use crate::failure::Failure;
use crate::{coverage, gate, lint, program, rustdoc, site, test_run};

/// Runs the check of this sandbox.
#[must_use]
pub fn main() -> ExitCode {
    program::start(act)
}

fn act(action: &str, mut facts: Facts, out: PathBuf) -> Result<(), Failure> {
    match action {
        "gate" => return gate::gate(facts, &out),
        "reports" => return gate::reports(facts, &out),
        "site" => return site::site(facts, &out),
        "coverage" => return coverage::coverage(facts, &out),
        _ => {}
    }
    let wanted = Check::read(action, facts.facts("check")?)?;
    let here = program::here(facts, out)?;
    make(&here.out)?;
    match action {
        "test" | "bench" => test_run::run(&here, &wanted),
        "doctest" => rustdoc::test(&here, &wanted),
        "doc" => rustdoc::document(&here, &wanted),
        "clippy" => lint::clippy(&here, &wanted),
        "fmt" => lint::format(&here, &wanted),
        word => Err(Failure::new(format!("there is no check that is called `{word}`"))),
    }
}
