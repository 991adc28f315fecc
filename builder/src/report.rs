//! What a check leaves: how each attempt ended, and what was run. The words themselves are beside it,
//! in `1.stdout`, `1.stderr`, and so on for each attempt.

use std::collections::BTreeMap;

use crate::facts::Facts;
use crate::json::Value;

/// The report, in its output.
pub const REPORT: &str = "report.json";

/// A report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was done: `test`, `bench`, `doctest`, `clippy`, `doc`, `fmt`.
    pub check: String,
    /// The package's name.
    pub package: String,
    /// The step that is checked: `app-1.0.0:test:cli`.
    pub step: String,
    /// Whether a test harness answers (libtest or what speaks like it).
    pub harness: bool,
    /// What was called.
    pub call: Call,
    /// Each attempt, the last one decides.
    pub attempts: Vec<Attempt>,
    /// How many tests each pattern of the skip list names.
    pub skipped: BTreeMap<String, String>,
}

/// A command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Where it was started.
    pub directory: String,
    /// Its environment, but for what only this machine's toolchain adds.
    pub environment: BTreeMap<String, String>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// How it ended.
    pub end: End,
    /// Milliseconds.
    pub took: i64,
    /// Processes that it left behind, by their names.
    pub left: Vec<String>,
    /// Whether it failed, and left no room on the disk of the build.
    pub full: bool,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With this status.
    Code(i64),
    /// By this signal.
    Signal(i64),
    /// It was ended after so many seconds.
    Timeout(i64),
}

impl Report {
    /// Whether its last attempt ended well.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.attempts.last().is_some_and(|attempt| attempt.end == End::Code(0))
    }

    /// The report as a line of JSON.
    #[must_use]
    pub fn write(&self) -> Value {
        let text = |text: &String| Value::Text(text.clone());
        let table = |table: &BTreeMap<String, String>| {
            Value::object(table.iter().map(|(key, value)| (key.clone(), text(value))))
        };
        let call = Value::object([
            ("words", Value::texts(self.call.words.iter().map(String::as_str))),
            ("directory", text(&self.call.directory)),
            ("environment", table(&self.call.environment)),
        ]);
        Value::object([
            ("check", text(&self.check)),
            ("package", text(&self.package)),
            ("step", text(&self.step)),
            ("harness", Value::Bool(self.harness)),
            ("call", call),
            ("attempts", Value::List(self.attempts.iter().map(Attempt::write).collect())),
            ("skipped", table(&self.skipped)),
        ])
    }

    /// Reads a report.
    ///
    /// # Errors
    /// What of it is not understood.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut facts = Facts::new("report", Value::parse(text)?)?;
        let mut call = facts.facts("call")?;
        let attempts = facts.list("attempts")?.into_iter().map(Attempt::read);
        let report = Self {
            check: facts.needed("check")?,
            package: facts.needed("package")?,
            step: facts.needed("step")?,
            harness: facts.flag("harness")?,
            call: Call {
                words: call.texts("words")?,
                directory: call.text("directory")?,
                environment: call.table("environment")?,
            },
            attempts: attempts.collect::<Result<_, _>>()?,
            skipped: facts.table("skipped")?,
        };
        call.done()?;
        facts.done()?;
        Ok(report)
    }
}

impl Attempt {
    fn write(&self) -> Value {
        let (word, number) = match self.end {
            End::Code(code) => ("code", code),
            End::Signal(signal) => ("signal", signal),
            End::Timeout(seconds) => ("timeout", seconds),
        };
        let full = self.full.then_some(("full", Value::Bool(true)));
        let told = [
            (word, Value::Int(number)),
            ("took", Value::Int(self.took)),
            ("left", Value::texts(self.left.iter().map(String::as_str))),
        ];
        Value::object(told.into_iter().chain(full))
    }

    fn read(mut facts: Facts) -> Result<Self, String> {
        let code = facts.some_int("code")?.map(End::Code);
        let signal = facts.some_int("signal")?.map(End::Signal);
        let timeout = facts.some_int("timeout")?.map(End::Timeout);
        let attempt = Self {
            end: code
                .or(signal)
                .or(timeout)
                .ok_or("the report does not say how an attempt ended")?,
            took: facts.some_int("took")?.unwrap_or_default(),
            left: facts.texts("left")?,
            full: facts.flag("full")?,
        };
        facts.done()?;
        Ok(attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempt, End, Report};

    #[test]
    fn what_is_written_is_read() {
        let attempt = |end| Attempt {
            end,
            took: 12,
            left: vec!["sleep".to_owned()],
            full: end == End::Signal(11),
        };
        let report = Report {
            check: "test".to_owned(),
            package: "app".to_owned(),
            step: "app-1.0.0:test:cli".to_owned(),
            harness: true,
            attempts: [End::Code(101), End::Signal(11), End::Timeout(5)].map(attempt).to_vec(),
            ..Report::default()
        };
        assert_eq!(Report::read(&report.write().write()), Ok(report.clone()));
        assert!(!report.passed());
        assert!(Report::read("{}").is_err_and(|why| why.contains("report.check is missing")));
    }
}
