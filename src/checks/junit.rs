//! JUnit XML of what tests found: a suite for each program, a case for each test.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite, XmlString};

use super::error::ChecksError;
use super::libtest::TestResult;
use super::reports::Checked;

/// The report as XML; characters that XML has not are left out.
///
/// # Errors
/// [`ChecksError::Junit`].
pub fn render(all: &[Checked], usual: &str) -> Result<String, ChecksError> {
    let mut report = Report::new("rbn-plan");
    for checked in all {
        report.add_test_suite(suite(checked, usual));
    }
    report.to_string().map_err(ChecksError::Junit)
}

fn suite(checked: &Checked, usual: &str) -> TestSuite {
    let name = checked.name(usual);
    let mut suite = TestSuite::new(name.as_str());
    if let Some(attempt) = checked.report.attempts.last() {
        suite.set_time(Duration::from_millis(u64::try_from(attempt.took).unwrap_or_default()));
    }
    let named = checked.tests.iter().flat_map(|tests| &tests.named);
    for test in named {
        let mut case = TestCase::new(xml(&test.name), status(&test.result));
        case.set_classname(name.as_str());
        if !test.said.is_empty() {
            case.set_system_out(xml(&test.said));
        }
        if let TestResult::Failed = test.result {
            case.status.set_message(first_line(&test.said));
        }
        if checked.flaky.contains(&test.name) {
            case.add_property(("flaky", "true"));
        }
        suite.add_test_case(case);
    }
    // Of what no test of a name tells, the program itself is the case.
    let told = checked.tests.as_ref().is_some_and(|tests| tests.failed().next().is_some());
    if checked.tests.is_none() || (!checked.report.passed() && !told) {
        let status = match checked.report.passed() {
            true => TestCaseStatus::success(),
            false => TestCaseStatus::non_success(NonSuccessKind::Error),
        };
        let mut case = TestCase::new(checked.part.as_str(), status);
        case.set_classname(name.as_str());
        if !checked.report.passed() {
            case.status.set_message(checked.ended());
        }
        suite.add_test_case(case);
    }
    suite.set_system_out(xml(&checked.said.0));
    suite.set_system_err(xml(&checked.said.1));
    suite
}

fn status(result: &TestResult) -> TestCaseStatus {
    match result {
        TestResult::Passed | TestResult::Measured(_) => TestCaseStatus::success(),
        TestResult::Failed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        TestResult::Ignored(reason) => {
            let mut status = TestCaseStatus::skipped();
            if !reason.is_empty() {
                status.set_message(xml(reason));
            }
            status
        }
    }
}

fn first_line(text: &str) -> XmlString {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("the test failed");
    xml(line)
}

/// What XML 1.0 can hold of a text. The library leaves out control characters, tabs among them (quick-junit 0.8):
/// those are spaces here, so that columns stay apart.
fn xml(text: &str) -> XmlString {
    let kept: String = text.chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
    let kept = kept.replace('\t', "    ");
    XmlString::new(kept)
}

#[cfg(test)]
mod tests {
    use super::xml;

    #[test]
    fn what_is_no_character_of_xml_is_left_out() {
        assert_eq!(
            xml("a\u{0}\u{b}\u{1b}[1mb\u{fffe}\u{ffff}\tc\n\u{10ffff}").as_str(),
            "ab    c\n\u{10ffff}"
        );
    }
}
