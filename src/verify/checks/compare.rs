//! A check's call as planned and as recorded, brought into one spelling.

use std::collections::BTreeSet;

use rbn_builder::package::TARGET;
use rbn_builder::report::Call;

use super::super::args::{self, Flag};
use super::super::environment::Variables;
use super::super::normalise::{self, ANY, Arguments, Roots, TARGET_DIR};
use super::planned_check::PlannedCheck;
use super::recorded::{RecordedCheck, Tool};

/// What is recorded of a test program's arguments, in reports.
const ARGUMENTS: &str = "arguments";
/// The program itself, likewise.
const PROGRAM: &str = "program";

/// The arguments of a recorded call.
#[must_use]
pub fn recorded(check: &RecordedCheck, roots: &Roots) -> Arguments {
    spelled(check.tool, &check.args, roots)
}

/// Those of a planned call as far as they are known before scripts ran.
#[must_use]
pub fn known(check: &PlannedCheck, roots: &Roots) -> Arguments {
    let args: Vec<String> = check.known.args.iter().map(|arg| place(arg)).collect();
    spelled(check.tool, &args, roots)
}

/// The arguments of a planned call; scripts' words are in them with what stands for Cargo's roots.
#[must_use]
pub fn planned(check: &PlannedCheck, call: &Call, roots: &Roots) -> Arguments {
    let args: Vec<String> = check.arguments(call).iter().map(|arg| place(arg)).collect();
    spelled(check.tool, &args, roots)
}

/// The variables of a planned call.
#[must_use]
pub fn variables(call: &Call, roots: &Roots) -> Variables {
    let mut env: Variables =
        call.environment.iter().map(|(name, value)| (name.clone(), place(value))).collect();
    env.insert("CARGO".to_owned(), ANY.to_owned());
    normalise::variables(&env, roots)
}

/// What a script said, with Cargo's target directory where a step has it, and what stands for `roots`.
#[must_use]
pub fn said(text: &str, roots: &Roots) -> String {
    roots.place(&normalise::replace_path(text, TARGET_DIR, TARGET))
}

/// The same of all lines of a script, which need not be text.
#[must_use]
pub fn said_lines(stdout: &[u8], roots: &Roots) -> Vec<u8> {
    let line = |line: &[u8]| match std::str::from_utf8(line) {
        Ok(text) => said(text, roots).into_bytes(),
        Err(_) => line.to_vec(),
    };
    stdout.split(|byte| *byte == b'\n').map(line).collect::<Vec<_>>().join(&b'\n')
}

/// Takes out of the call of a doctest what Cargo gives it of scripts that do not reach its crate.
pub fn without_others(cargo: &mut Arguments, others: &BTreeSet<&str>, roots: &Roots) {
    let others: Vec<String> =
        others.iter().map(|path| roots.place(&format!("-L {path}"))).collect();
    if let Some(paths) = cargo.get_mut("-L") {
        paths.retain(|path| !others.contains(path));
    }
    cargo.retain(|_, values| !values.is_empty());
}

fn place(text: &str) -> String {
    normalise::replace_path(text, TARGET, TARGET_DIR)
}

fn spelled(tool: Tool, args: &[String], roots: &Roots) -> Arguments {
    match (tool, args.split_first()) {
        (Tool::Program, Some((program, args))) => {
            let args = args.iter().map(|arg| roots.place(arg)).collect();
            let program = normalise::program_of_hash(program);
            [(PROGRAM.to_owned(), vec![program]), (ARGUMENTS.to_owned(), args)].into()
        }
        (Tool::Program, None) => Arguments::new(),
        (Tool::Rustdoc, _) => normalise::arguments(&of_rustdoc(args), roots),
        (Tool::Clippy, _) => normalise::arguments(&args::parse(args), roots),
    }
}

/// rustdoc's arguments, without where pages go, and without the runner: recording is Cargo's own.
fn of_rustdoc(args: &[String]) -> Vec<Flag> {
    let left_out = ["o", "test-runtool", "test-runtool-arg"];
    let is_left = |flag: &Flag| left_out.iter().any(|name| flag.value_of(name).is_some());
    args::parse(args).into_iter().filter(|flag| !is_left(flag)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_program_is_its_platform_and_its_name() {
        let roots = Roots::new("/w", None);
        let cargo = "<target-dir>/t/debug/deps/cli-0123456789abcdef --test-threads=2 /w/x";
        let plan = "<target-dir>/t/debug/deps/cli-fedcba9876543210 --test-threads=2 <workspace>/x";
        let cargo = spelled(Tool::Program, &words(cargo), &roots);
        assert_eq!(cargo, spelled(Tool::Program, &words(plan), &roots));
        assert_eq!(cargo[PROGRAM], ["t/../cli"]);
    }

    #[test]
    fn where_pages_go_and_who_runs_is_left_out() {
        let roots = Roots::new("/w", None);
        let line = "--test -o /doc --test-runtool /r --test-runtool-arg a --crate-version 1.0.0";
        let found = spelled(Tool::Rustdoc, &words(line), &roots);
        let kept: Vec<&String> = found.values().flatten().collect();
        assert_eq!(kept, ["--crate-version=1.0.0", "--test"]);
    }
}
