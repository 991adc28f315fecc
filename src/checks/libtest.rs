//! What a harness says: libtest's words, which others (libtest-mimic, criterion's) speak, too.
//!
//! The last line counts: what tests print may stand between the others, and a long output is cut
//! in its middle. So the sums are those of `test result:`, and names are told as far as they are there.
//! A test may run another harness and print its words; those are no tests of this program.

use std::collections::{BTreeMap, BTreeSet};

/// The tests of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tests {
    /// How many passed.
    pub passed: u64,
    /// How many failed.
    pub failed: u64,
    /// How many were ignored.
    pub ignored: u64,
    /// How many were measured.
    pub measured: u64,
    /// How many were left out by name.
    pub filtered: u64,
    /// Those whose lines are there, in their order.
    pub named: Vec<Test>,
}

/// A test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// Its name: `tests::it_works`.
    pub name: String,
    /// How it ended.
    pub result: TestResult,
    /// What it said, of those that failed.
    pub said: String,
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestResult {
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It was not run, with the reason where one is given.
    Ignored(String),
    /// A benchmark, with its figures.
    Measured(String),
}

impl Tests {
    /// The names of those that failed.
    pub fn failed(&self) -> impl Iterator<Item = &str> {
        let failed = self.named.iter().filter(|test| test.result == TestResult::Failed);
        failed.map(|test| test.name.as_str())
    }

    /// How many were to run.
    pub(super) fn count(&self) -> u64 {
        self.passed
            .saturating_add(self.failed)
            .saturating_add(self.ignored)
            .saturating_add(self.measured)
    }

    /// Adds what another part of a program said.
    pub fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.measured += other.measured;
        self.filtered += other.filtered;
    }
}

/// How often a program starts its harness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Once: a program with libtest in it.
    One,
    /// Perhaps several times: rustdoc's tests, or a `main` of one's own.
    Several,
}

/// Reads what a program said to stdout; `None` where no harness spoke to its end.
#[must_use]
pub fn parse(text: &str, runs: Runs) -> Option<Tests> {
    let lines: Vec<&str> = text.lines().collect();
    match runs {
        Runs::One => run(&lines),
        Runs::Several => several(&lines),
    }
}

/// A run ends with a line that sums up as many tests as its first line announced. What a test printed may have
/// the words of another harness in it, of another number.
fn several(lines: &[&str]) -> Option<Tests> {
    let announces = lines.iter().any(|line| announced(line).is_some());
    let mut all: Option<Tests> = None;
    let mut add = |lines: &[&str]| {
        let Some(one) = run(lines) else { return };
        let all = all.get_or_insert_with(Tests::default);
        all.add(&one);
        all.named.extend(one.named);
    };
    let (mut first, mut open) = (0, None);
    for (at, line) in lines.iter().enumerate() {
        open = open.or_else(|| announced(line));
        let Some(sums) = sums(line) else { continue };
        if open.map_or(!announces, |count| sums.count() == count) {
            add(&lines[first..=at]);
            (first, open) = (at + 1, None);
        }
    }
    if open.is_some() {
        add(&lines[first..]);
    }
    all
}

/// `running 3 tests`
fn announced(line: &str) -> Option<u64> {
    let (count, word) = line.strip_prefix("running ")?.split_once(' ')?;
    matches!(word, "test" | "tests").then(|| count.parse().ok())?
}

/// Reads one run. Its last sums count, and the list before them says which tests failed: the words of
/// a test may be those of another harness, where that runs one.
fn run(lines: &[&str]) -> Option<Tests> {
    let (end, mut tests) =
        lines.iter().enumerate().rev().find_map(|(at, line)| Some((at, sums(line)?)))?;
    let listed = listed(&lines[..end], tests.failed);
    let can_fail = |name: &str| listed.as_ref().is_none_or(|names| names.contains(name));
    let mut said: BTreeMap<&str, String> = BTreeMap::new();
    let mut section = None;
    let mut is_over = false;
    for line in &lines[..end] {
        let heading = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" ----"));
        let heading = heading.map(|heading| heading.strip_suffix(" stdout").unwrap_or(heading));
        if let Some(name) = heading.filter(|name| can_fail(name) && !said.contains_key(name)) {
            said.insert(name, String::new());
            (section, is_over) = (Some(name), true);
        } else if *line == "failures:" || *line == "successes:" {
            section = None;
            is_over |= *line == "successes:";
        } else if let Some(words) = section.and_then(|name| said.get_mut(name)) {
            words.push_str(line);
            words.push('\n');
        } else if !is_over {
            let test = named(line);
            tests.named.extend(
                test.filter(|test| test.result != TestResult::Failed || can_fail(&test.name)),
            );
        }
    }
    // Of some their own line was torn by what they printed.
    let failed = listed.unwrap_or_else(|| said.keys().copied().collect());
    for name in failed {
        let ended = said.get(name).map(|words| words.trim_end().to_owned()).unwrap_or_default();
        match tests.named.iter_mut().find(|test| test.name == name) {
            Some(test) if test.result == TestResult::Failed => test.said = ended,
            Some(_) => {}
            None => {
                let (name, result) = (name.to_owned(), TestResult::Failed);
                tests.named.push(Test { name, result, said: ended });
            }
        }
    }
    Some(tests)
}

/// The names of those that failed, as the end of a run lists them; `None` where it does not, or where there are not
/// as many: then nothing is known.
fn listed<'t>(lines: &[&'t str], count: u64) -> Option<BTreeSet<&'t str>> {
    if count == 0 {
        return Some(BTreeSet::new());
    }
    let start = lines.iter().rposition(|line| *line == "failures:")? + 1;
    let names: BTreeSet<&str> =
        lines[start..].iter().filter_map(|line| line.strip_prefix("    ")).collect();
    (u64::try_from(names.len()) == Ok(count)).then_some(names)
}

/// `test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 3 filtered out; ...`
fn sums(line: &str) -> Option<Tests> {
    let (_, rest) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut sums = Tests::default();
    for part in rest.split(';') {
        let Some((number, word)) = part.trim().split_once(' ') else { continue };
        let place = match word {
            "passed" => &mut sums.passed,
            "failed" => &mut sums.failed,
            "ignored" => &mut sums.ignored,
            "measured" => &mut sums.measured,
            "filtered out" => &mut sums.filtered,
            _ => continue,
        };
        *place = number.parse().ok()?;
    }
    Some(sums)
}

/// `test tests::it_works ... ok`
fn named(line: &str) -> Option<Test> {
    let (name, result) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let result = match result {
        "ok" => TestResult::Passed,
        "FAILED" => TestResult::Failed,
        "ignored" => TestResult::Ignored(String::new()),
        _ => match (result.strip_prefix("ignored, "), result.strip_prefix("bench:")) {
            (Some(reason), _) => TestResult::Ignored(reason.to_owned()),
            (_, Some(figures)) => TestResult::Measured(figures.trim().to_owned()),
            // With `--report-time` a time follows.
            _ if result.starts_with("ok <") => TestResult::Passed,
            _ if result.starts_with("FAILED <") => TestResult::Failed,
            _ => return None,
        },
    };
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    Some(Test { name: name.to_owned(), result, said: String::new() })
}

#[cfg(test)]
mod tests {
    use super::{Runs, TestResult, parse};

    const TEXT: &str = "\nrunning 4 tests
test tests::fails ... FAILED
test tests::later ... ignored, needs a network
test tests::panics - should panic ... ok
test tests::torn ... hello
ok

failures:

---- tests::fails stdout ----

thread 'tests::fails' panicked at src/lib.rs:9:9:
test result: lies. 7 passed
one


failures:
    tests::fails

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.00s
";

    #[test]
    fn sums_are_the_harnesss_and_names_are_those_that_are_there() {
        let tests = parse(TEXT, Runs::One).expect("tests");
        assert_eq!((tests.passed, tests.failed, tests.ignored, tests.filtered), (2, 1, 1, 3));
        let names: Vec<&str> = tests.named.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["tests::fails", "tests::later", "tests::panics"]);
        assert_eq!(tests.named[1].result, TestResult::Ignored("needs a network".to_owned()));
        assert!(tests.named[0].said.contains("src/lib.rs:9:9"), "{:?}", tests.named[0]);
        assert_eq!(tests.failed().collect::<Vec<_>>(), ["tests::fails"]);
    }

    #[test]
    fn a_program_without_a_harness_has_no_tests() {
        for runs in [Runs::One, Runs::Several] {
            assert_eq!(parse("all is well\n", runs), None);
            // Nor one that ended before its last line.
            assert_eq!(parse("running 1 test\ntest a ... ", runs), None);
        }
    }

    #[test]
    fn doctests_of_several_runs_are_one() {
        let one = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
        assert_eq!(parse(&one.repeat(2), Runs::Several).map(|tests| tests.passed), Some(2));
        let one = format!("\nrunning 1 test\ntest src/lib.rs - f (line 1) ... ok\n\n{one}\n");
        let two = parse(&one.repeat(2), Runs::Several).expect("tests");
        assert_eq!((two.passed, two.named.len()), (2, 2));
    }

    /// A harness within the words of a test that failed, and one that speaks past the harness's capture.
    const NESTED: &str = "\nrunning 3 tests
test a ... ok

running 1 test
test inner::past ... FAILED

failures:

---- inner::past stdout ----
no

failures:
    inner::past

test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
test b ... FAILED
test c ... ok

failures:

---- b stdout ----
its words:

running 2 tests
test inner::one ... ok
test inner::two ... FAILED

failures:

---- inner::two stdout ----
no

failures:
    inner::two

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s


failures:
    b

test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    #[test]
    fn a_harness_that_a_test_runs_is_not_the_program_s() {
        for runs in [Runs::One, Runs::Several] {
            let tests = parse(NESTED, runs).expect("tests");
            assert_eq!((tests.passed, tests.failed), (2, 1), "{runs:?}");
            assert_eq!(tests.failed().collect::<Vec<_>>(), ["b"], "{runs:?}");
            let last = tests.named.last().expect("a test");
            assert!(
                tests.named.iter().any(|test| test.name == "b" && test.said.contains("its words"))
            );
            assert_eq!(last.name, "c");
        }
        let twice = parse(&NESTED.repeat(2), Runs::Several).expect("tests");
        assert_eq!((twice.passed, twice.failed), (4, 2));
    }

    #[test]
    fn a_program_whose_middle_is_cut_out() {
        let (_, end) = NESTED.split_once("its words:").expect("the middle");
        let tests = parse(end, Runs::One).expect("tests");
        assert_eq!((tests.passed, tests.failed), (2, 1));
        assert_eq!(tests.failed().collect::<Vec<_>>(), ["b"]);
    }
}
