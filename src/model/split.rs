//! Which libraries have a step of their own for their metadata.

use std::fmt;

/// Which libraries have a step of their own for their metadata: an argument of the plan's file, and no fact of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Split {
    /// None: each rustc run is one step.
    #[default]
    Off,
    /// Those of path packages, which are edited.
    Members,
    /// All that others are compiled against.
    All,
}

/// All of them, in words.
pub const WORDS: [(&str, Split); 3] =
    [("off", Split::Off), ("members", Split::Members), ("all", Split::All)];

/// What follows the name of a library's step in that of its metadata.
pub const SUFFIX: &str = ":metadata";

/// The name of a library's step, of its own and of its metadata's.
#[must_use]
pub fn whole(name: &str) -> &str {
    name.strip_suffix(SUFFIX).unwrap_or(name)
}

impl Split {
    /// The word of config.toml and of the plan's argument.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        WORDS.iter().find(|(_, split)| *split == self).map_or("", |(word, _)| word)
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
