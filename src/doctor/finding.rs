//! What a check found.

use serde::Serialize;

/// How a check ended, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it should be.
    Good,
    /// Not needed here, or it cannot be told.
    Note,
    /// Something works less well.
    Weak,
    /// Nothing can be built before it is cured.
    Missing,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check's name.
    pub check: &'static str,
    /// How it ended.
    pub state: State,
    /// What is so.
    pub found: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

impl Finding {
    pub(super) fn new(check: &'static str, state: State, found: impl Into<String>) -> Self {
        // What a program said over many lines begins with what is wrong.
        let found = found.into().lines().next().unwrap_or_default().trim_end().to_owned();
        Self { check, state, found, cure: None }
    }

    pub(super) fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }
}
