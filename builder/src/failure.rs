//! Why a step ends without an output.

/// What went wrong, and what to know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// One sentence without its full stop.
    pub what: String,
    /// Further lines.
    pub lines: Vec<String>,
}

impl Failure {
    /// A failure that one sentence says all of.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), lines: Vec::new() }
    }

    /// The same with a further line.
    #[must_use]
    pub fn with(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }
}

impl From<String> for Failure {
    fn from(what: String) -> Self {
        Self::new(what)
    }
}
