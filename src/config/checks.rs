//! `[checks]`: what test programs may take, and which tests the sandbox has no place for.

use super::invalid::Invalid;
use super::origin::Setting;
use super::reader::Reader;
use super::scalars::{RelativePath, Size, argument};

/// The settings of checks; a plan that only builds does not know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks {
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
        Self {
            skip: reader.set(&["checks", "skip"], 0, argument),
            retries: reader.text(&["checks", "retries"], 0, number("a number of further attempts")),
            timeout: reader.text(&["checks", "timeout"], 0, above_zero),
            output: reader.text(&["checks", "output"], 0, Size::new),
            files: reader.set(&["checks", "files"], 0, RelativePath::new),
        }
    }
}
