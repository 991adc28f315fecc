//! Is this machine ready? Facts are gathered first; every check is a pure decision on them.
//!
//! - `facts`: what can be known of the machine and the project;
//! - `gather`: the only part that runs programs and reads files;
//! - `machine`, `project`: one function per check;
//! - `fix`: the lines of nix.conf that cure;
//! - `report`: findings for people, for programs, and for a bug report;
//! - `private`: what a bug report does not say.

pub mod facts;
pub mod fix;
pub mod gather;
mod machine;
pub mod private;
mod project;
pub mod report;

use serde::Serialize;

pub use facts::Facts;

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
    fn new(check: &'static str, state: State, found: impl Into<String>) -> Self {
        // What a program said over many lines begins with what is wrong.
        let found = found.into().lines().next().unwrap_or_default().trim_end().to_owned();
        Self { check, state, found, cure: None }
    }

    fn cure(mut self, cure: impl Into<String>) -> Self {
        self.cure = Some(cure.into());
        self
    }
}

/// Looks at everything.
#[must_use]
pub fn examine(facts: &Facts) -> Vec<Finding> {
    vec![
        machine::nix(facts),
        machine::features(facts),
        machine::sandbox(facts),
        machine::sandbox_paths(facts),
        machine::build_users(facts),
        machine::jobs(facts),
        machine::space(facts),
        machine::toolchain(facts),
        machine::standard_libraries(facts),
        machine::linkers(facts),
        machine::emulation(facts),
        machine::sccache(facts),
        machine::tracer(facts),
        project::configuration(facts),
        project::lock(facts),
        project::toolchain(facts),
        project::plan(facts),
    ]
}
