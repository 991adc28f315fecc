//! What a harness says: libtest's words, which others (libtest-mimic, criterion's) speak, too.
//!
//! The last line counts: what tests print may stand between the others, and a long output is cut
//! in its middle. So the sums are those of `test result:`, and names are told as far as they are there.

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

    /// Adds what another part of a program said.
    pub fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.measured += other.measured;
        self.filtered += other.filtered;
    }
}

/// Reads what a program said to stdout; `None` where no harness spoke to its end.
#[must_use]
pub fn parse(text: &str) -> Option<Tests> {
    let mut tests = Tests::default();
    let mut is_there = false;
    let mut section: Option<(String, String)> = None;
    let mut said: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(sums) = sums(line) {
            tests.add(&sums);
            is_there = true;
        }
        let heading = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" ----"));
        if let Some(heading) = heading {
            said.extend(section.take());
            let name = heading.strip_suffix(" stdout").unwrap_or(heading);
            section = Some((name.to_owned(), String::new()));
        } else if line == "failures:" || line == "successes:" {
            said.extend(section.take());
        } else if let Some((_, words)) = &mut section {
            words.push_str(line);
            words.push('\n');
        } else {
            tests.named.extend(named(line));
        }
    }
    said.extend(section);
    for (name, words) in said {
        let ended = words.trim_end().to_owned();
        match tests.named.iter_mut().find(|test| test.name == name) {
            Some(test) if test.result == TestResult::Failed => test.said = ended,
            Some(_) => {}
            // Its own line was torn by what it printed.
            None => tests.named.push(Test { name, result: TestResult::Failed, said: ended }),
        }
    }
    is_there.then_some(tests)
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
    use super::{TestResult, parse};

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
        let tests = parse(&TEXT.replace("test result: lies", "test outcome: lies")).expect("tests");
        assert_eq!((tests.passed, tests.failed, tests.ignored, tests.filtered), (2, 1, 1, 3));
        let names: Vec<&str> = tests.named.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["tests::fails", "tests::later", "tests::panics"]);
        assert_eq!(tests.named[1].result, TestResult::Ignored("needs a network".to_owned()));
        assert!(tests.named[0].said.contains("src/lib.rs:9:9"), "{:?}", tests.named[0]);
        assert_eq!(tests.failed().collect::<Vec<_>>(), ["tests::fails"]);
    }

    #[test]
    fn a_program_without_a_harness_has_no_tests() {
        assert_eq!(parse("all is well\n"), None);
        // Nor one that ended before its last line.
        assert_eq!(parse("running 1 test\ntest a ... "), None);
    }

    #[test]
    fn doctests_of_several_runs_are_one() {
        let one = "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s\n";
        assert_eq!(parse(&one.repeat(2)).map(|tests| tests.passed), Some(2));
    }
}
