//! Tests that only a nightly compiler takes.

use super::libtest::{Test, TestResult};
use super::reports::Checked;

/// rustc's code for `#![feature]` where that is not allowed.
const CODE: &str = "error[E0554]";

/// The tests of all that was checked that failed because this compiler is no nightly one; and whether
/// nothing else failed.
#[must_use]
pub fn wanted(all: &[Checked]) -> (Vec<&str>, bool) {
    let mut tests = Vec::new();
    let mut is_all = true;
    for checked in all.iter().filter(|checked| !checked.report.passed()) {
        let named = checked.tests.iter().flat_map(|tests| &tests.named);
        let failed: Vec<&Test> = named.filter(|test| test.result == TestResult::Failed).collect();
        let of_nightly = failed.iter().filter(|test| test.said.contains(CODE));
        let before = tests.len();
        tests.extend(of_nightly.map(|test| test.name.as_str()));
        is_all &= tests.len() > before && tests.len() - before == failed.len();
    }
    (tests, is_all)
}

#[cfg(test)]
mod tests {
    use super::wanted;
    use crate::checks::Checked;
    use crate::checks::libtest;
    use rbn_builder::report::{Attempt, End, Report};

    fn checked(words: &str) -> Checked {
        let attempt = Attempt { end: End::Code(101), took: 1, left: Vec::new(), full: false };
        Checked {
            platform: String::new(),
            package: "app".to_owned(),
            part: "doctest".to_owned(),
            place: "/r".into(),
            report: Report { attempts: vec![attempt], ..Report::default() },
            said: (words.to_owned(), String::new()),
            tests: libtest::parse(words, libtest::Runs::Several),
            flaky: Vec::new(),
        }
    }

    fn words(code: &str) -> String {
        format!(
            "test src/lib.rs - f (line 3) ... FAILED\n\nfailures:\n\n---- src/lib.rs - f (line 3) stdout ----\n\
             error[{code}]: no\n\nfailures:\n    src/lib.rs - f (line 3)\n\n\
             test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s\n"
        )
    }

    #[test]
    fn only_what_the_compiler_refuses_for_being_stable() {
        let (one, other) = (checked(&words("E0554")), checked(&words("E0425")));
        let all = [one.clone()];
        assert_eq!(wanted(&all), (vec!["src/lib.rs - f (line 3)"], true));
        assert_eq!(wanted(std::slice::from_ref(&other)), (Vec::new(), false));
        assert!(!wanted(&[one, other]).1);
    }
}
