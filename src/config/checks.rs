//! `[checks]`: what test programs may take, and which tests the sandbox has no place for.

use std::collections::BTreeMap;
use std::fmt;

use camino::Utf8PathBuf;

use super::invalid::Invalid;
use super::origin::Setting;
use super::reader::Reader;
use super::scalars::{RelativePath, Size, absolute, argument};
use crate::model::Verb;
use crate::text::spelling;

/// The settings of checks; a plan that only builds does not know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// The plans of checks that are committed beside the plan of what is built.
    pub plans: Option<Setting<Vec<CheckPlan>>>,
    /// Tests that are left out, by a part of their names.
    pub skip: Option<Setting<Vec<String>>>,
    /// How often a program that failed is run again.
    pub retries: Option<Setting<u32>>,
    /// Seconds that one program may take.
    pub timeout: Option<Setting<u32>>,
    /// How much of what a program prints is kept.
    pub output: Option<Setting<Size>>,
    /// Files of the workspace that all test programs see.
    pub files: Option<Setting<Vec<RelativePath>>>,
    /// How far runs are cut: by program.
    pub split: Option<Setting<Grain>>,
    /// Into how many parts the run of a test program is cut.
    pub partitions: BTreeMap<String, Setting<u32>>,
    /// The directory of `llvm-cov` and `llvm-profdata`.
    pub llvm_tools: Option<Setting<Utf8PathBuf>>,
}

/// A plan of checks that is committed: a command of this program's, as it would be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckPlan {
    /// What is done.
    pub verb: Verb,
    /// The words that follow it.
    pub words: Vec<String>,
}

impl fmt::Display for CheckPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb.as_str())?;
        self.words.iter().try_for_each(|word| write!(f, " {word}"))
    }
}

impl CheckPlan {
    fn new(text: &str) -> Result<Self, Invalid> {
        let text = argument(text)?;
        let mut words = text.split_whitespace().map(str::to_owned);
        let word = words.next().unwrap_or_default();
        let verbs = || Verb::ALL.iter().map(|verb| verb.as_str());
        let verb = Verb::from_name(&word).ok_or_else(|| Invalid::Word {
            words: verbs().map(|verb| format!("`{verb}`")).collect::<Vec<_>>().join(", "),
            near: spelling::nearest(&word, verbs()).map(str::to_owned),
            text: word,
        })?;
        Ok(Self { verb, words: words.collect() })
    }
}

/// What one derivation runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// A test program.
    Program,
}

impl fmt::Display for Grain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => f.write_str("program"),
        }
    }
}

impl Grain {
    fn new(text: &str) -> Result<Self, Invalid> {
        match text {
            "program" => Ok(Self::Program),
            "test" => Err(Invalid::NoPlan {
                reason: "which tests a program has is known only when it is built, and a plan is made before that"
                    .to_owned(),
                cure: "leave it out, and cut long programs into parts: `[checks.partitions]`, `\"app:test:cli\" = 4`"
                    .to_owned(),
            }),
            _ => Err(Invalid::Name { text: text.to_owned(), noun: "`program`" }),
        }
    }
}

/// `[checks.partitions]`: by package and part, as steps are called, but without the version.
fn partitions(reader: &mut Reader) -> BTreeMap<String, Setting<u32>> {
    let noun = "a number of parts from 1 to 1000";
    let number = |text: &str| match text.parse::<u32>() {
        Ok(number @ 1..=1000) => Ok(number),
        _ => Err(Invalid::Name { text: text.to_owned(), noun }),
    };
    let mut partitions = BTreeMap::new();
    for (name, _) in reader.chosen(&["checks", "partitions"], None) {
        if let Some(number) = reader.text(&["checks", "partitions", &name], 0, number) {
            partitions.insert(name, number);
        }
    }
    partitions
}

impl Checks {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let number = |noun| {
            move |text: &str| {
                let wrong = || Invalid::Name { text: text.to_owned(), noun };
                text.parse::<u32>().map_err(|_| wrong())
            }
        };
        let above_zero = |text: &str| match number("a number of seconds")(text)? {
            0 => Err(Invalid::Name { text: text.to_owned(), noun: "a number of seconds" }),
            seconds => Ok(seconds),
        };
        // A verb has one plan, whose file is called like it.
        let verb = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
        Self {
            plans: reader.set_by(&["checks", "plans"], 0, CheckPlan::new, verb),
            skip: reader.set(&["checks", "skip"], 0, argument),
            retries: reader.text(&["checks", "retries"], 0, number("a number of further attempts")),
            timeout: reader.text(&["checks", "timeout"], 0, above_zero),
            output: reader.text(&["checks", "output"], 0, Size::new),
            files: reader.set(&["checks", "files"], 0, RelativePath::new),
            split: reader.text(&["checks", "split"], 0, Grain::new),
            partitions: partitions(reader),
            llvm_tools: reader.text(&["checks", "llvm-tools"], 0, absolute),
        }
    }
}
