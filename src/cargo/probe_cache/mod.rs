//! What rustc answered before, kept between runs.
//!
//! Cargo keeps rustc's answers in the target directory and asks a compiler once. A plan asks the
//! same questions, each several times (Cargo's two calls and the planner), and starting a compiler
//! takes longer than planning a small workspace. So answers are kept in the user's cache directory,
//! one file each, by everything that decides them ([`key`]). A file that is cut off, foreign or not
//! writable is as good as none.
//!
//! `CARGO_CACHE_RUSTC_INFO=0` switches it off, as it does Cargo's own.

mod key;

use std::borrow::Cow;
use std::env;
use std::process::{Command, Output};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::error::CargoError;
use super::process;
use crate::files::{reader, writer};
use crate::nix::digest;

/// Where answers are kept, if they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    dir: Option<Utf8PathBuf>,
}

impl Answers {
    /// Answers kept in `dir`, which is made when there is something to keep.
    #[must_use]
    pub fn within(dir: impl Into<Utf8PathBuf>) -> Self {
        Self { dir: Some(dir.into()) }
    }

    /// The user's: `$XDG_CACHE_HOME/rbn-plan/rustc`, else below `~/.cache`; none where neither is
    /// known or `CARGO_CACHE_RUSTC_INFO` is 0.
    #[must_use]
    pub fn of_user() -> Self {
        if env::var_os("CARGO_CACHE_RUSTC_INFO").is_some_and(|value| value == "0") {
            return Self::default();
        }
        let absolute = |name: &str| {
            env::var(name).ok().map(Utf8PathBuf::from).filter(|path| path.is_absolute())
        };
        let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
        Self { dir: cache.map(|cache| cache.join("rbn-plan").join("rustc")) }
    }

    /// The directory, where there is one.
    #[must_use]
    pub fn dir(&self) -> Option<&Utf8Path> {
        self.dir.as_deref()
    }

    /// What the compiler that `command` starts answers, asked only if it was not asked before.
    ///
    /// # Errors
    /// As [`process::output`].
    pub fn ask(&self, command: Command) -> Result<String, CargoError> {
        let question = self.question(&command);
        if let Some(answer) = question.as_ref().and_then(Question::known) {
            return Ok(answer.stdout);
        }
        let answer = Answer::of(&process::finished(command)?);
        if let Some(question) = question {
            question.keep(&answer);
        }
        Ok(answer.stdout)
    }

    /// The question that `command` is, if its answer may be kept.
    #[must_use]
    pub fn question(&self, command: &Command) -> Option<Question> {
        let dir = self.dir.as_ref()?;
        let text = key::of(command)?;
        Some(Question { file: dir.join(format!("{}.json", digest::hex16(&text))), text })
    }
}

/// A question to a compiler, with all that its answer depends on.
#[derive(Debug)]
pub struct Question {
    file: Utf8PathBuf,
    text: String,
}

/// What a compiler said, on both sides: of crate types that a target has not, it tells on stderr,
/// and Cargo reads it there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Answer {
    /// What was asked for.
    pub stdout: String,
    /// What it said beside.
    pub stderr: String,
}

impl Answer {
    /// The answer that is in a program's output.
    #[must_use]
    pub fn of(output: &Output) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Self { stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// A file of the cache.
#[derive(Deserialize, Serialize)]
struct Kept<'a> {
    question: Cow<'a, str>,
    answer: Cow<'a, Answer>,
}

impl Question {
    /// The answer, if it was kept.
    #[must_use]
    pub fn known(&self) -> Option<Answer> {
        let text = reader::text(&self.file).ok()?;
        let kept: Kept<'_> = serde_json::from_str(&text).ok()?;
        (kept.question == self.text).then(|| kept.answer.into_owned())
    }

    /// Keeps the answer for the next time; what goes wrong costs that time, and nothing else.
    pub fn keep(&self, answer: &Answer) {
        let kept = Kept { question: self.text.as_str().into(), answer: Cow::Borrowed(answer) };
        let Ok(text) = serde_json::to_string(&kept) else { return };
        // Written whole: another run may be reading it.
        drop(writer::cache(&self.file, &text));
    }
}
